package papertrail_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// subscriber is an HTTP server on this machine that topics notify.
type subscriber struct {
	server *httptest.Server

	mu       sync.Mutex
	received []notification
}

// notification is what Amazon SNS sends to an HTTP endpoint.
type notification struct {
	Type, TopicArn, Token, Subject, Message string
}

// alarmMessage is what an alarm says to a topic.
type alarmMessage struct {
	AlarmName, NewStateValue, AlarmDescription string
}

// newSubscriber subscribes to topics and confirms it, as a person would who
// follows the link of the first message.
func (e *environment) newSubscriber(topics ...string) *subscriber {
	e.Helper()
	s := &subscriber{}
	s.server = httptest.NewServer(s)
	e.Cleanup(s.server.Close)
	client := sns.NewFromConfig(e.stand.Config(home))
	for _, topic := range topics {
		_, err := client.Subscribe(e.Context(), &sns.SubscribeInput{TopicArn: &topic, Protocol: aws.String("http"), Endpoint: &s.server.URL})
		require.NoError(e, err)
		var asked []notification
		require.Eventually(e, func() bool {
			asked = s.of(topic, "SubscriptionConfirmation")
			return len(asked) == 1
		}, time.Minute, 50*time.Millisecond, "no request to confirm the subscription to %s", topic)
		_, err = client.ConfirmSubscription(e.Context(), &sns.ConfirmSubscriptionInput{TopicArn: &topic, Token: &asked[0].Token})
		require.NoError(e, err)
	}
	return s
}

func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var n notification
	if err != nil || json.Unmarshal(body, &n) != nil {
		http.Error(w, "no notification", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = append(s.received, n)
}

func (s *subscriber) of(topic, kind string) []notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.received), func(n notification) bool { return n.TopicArn != topic || n.Type != kind })
}

// forget drops what was received.
func (s *subscriber) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = nil
}

// expect waits for notifications of a topic, and returns those received, at least
// as many as wanted.
func (s *subscriber) expect(e *environment, topic string, wanted int) []notification {
	e.Helper()
	require.EventuallyWithT(e, func(c *assert.CollectT) {
		assert.GreaterOrEqual(c, len(s.of(topic, "Notification")), wanted, "notifications of %s", topic)
	}, time.Minute, 50*time.Millisecond)
	return s.of(topic, "Notification")
}

// alarms reads the messages of alarms: the descriptions, by state and name.
func alarmMessages(e *environment, received []notification) map[string]string {
	e.Helper()
	said := map[string]string{}
	for _, n := range received {
		var m alarmMessage
		require.NoError(e, json.Unmarshal([]byte(n.Message), &m), n.Message)
		key := m.NewStateValue + " " + m.AlarmName
		assert.NotContains(e, said, key, "it is said once")
		said[key] = m.AlarmDescription
	}
	return said
}
