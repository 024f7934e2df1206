package customresource

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const createEvent = `{
	"RequestType": "Create",
	"ResponseURL": "https://bucket.s3.amazonaws.com/answer?X-Amz-Signature=secret",
	"StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid",
	"RequestId": "request-1",
	"ResourceType": "Custom::BedrockInvocationLogging",
	"LogicalResourceId": "Logging",
	"ResourceProperties": {"ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:f", "Wanted": "true"}
}`

// with returns createEvent with one member replaced, or removed by nil.
func with(t testing.TB, name string, value any) []byte {
	var members map[string]any
	require.NoError(t, json.Unmarshal([]byte(createEvent), &members))
	members[name] = value
	if value == nil {
		delete(members, name)
	}
	payload, err := json.Marshal(members)
	require.NoError(t, err)
	return payload
}

func TestDecodesEveryMember(t *testing.T) {
	t.Parallel()
	event, err := decode([]byte(createEvent))
	require.NoError(t, err)
	assert.Equal(t, Event{
		RequestType:        Create,
		ResponseURL:        "https://bucket.s3.amazonaws.com/answer?X-Amz-Signature=secret",
		StackID:            "arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid",
		RequestID:          "request-1",
		LogicalResourceID:  "Logging",
		ResourceProperties: json.RawMessage(`{"ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:f", "Wanted": "true"}`),
	}, event)
}

func TestNamesWhatIsWrongInAnEvent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		payload []byte
		want    string
		answers bool
	}{
		{"no JSON", []byte("garbage"), "not a CloudFormation event", false},
		{"no object", []byte("[1]"), "not a CloudFormation event", false},
		{"nothing in it", []byte("{}"), "ResponseURL is no web address", false},
		{"unknown request", with(t, "RequestType", "Replace"), `RequestType: got "Replace", want Create, Update or Delete`, true},
		{"a number for text", with(t, "StackId", 7), "StackId: json: cannot unmarshal number", true},
		{"no stack", with(t, "StackId", nil), "StackId is missing", true},
		{"an empty id", with(t, "RequestId", ""), "RequestId is missing", true},
		{"update without physical id", with(t, "RequestType", "Update"), "PhysicalResourceId is missing", true},
		{"an address without host", with(t, "ResponseURL", "https:///answer"), "ResponseURL is no web address", false},
		{"a file for an address", with(t, "ResponseURL", "file:///etc/passwd"), "ResponseURL is no web address", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			event, err := decode(test.payload)
			assert.ErrorContains(t, err, test.want)
			assert.Equal(t, test.answers, event.ResponseURL != "")
		})
	}
}

// rubbish starts the fuzzing: every kind of thing that is wrong in an event.
func rubbish(f *testing.F) [][]byte {
	return [][]byte{
		[]byte(createEvent),
		with(f, "RequestType", "Delete"),
		with(f, "RequestType", 1),
		with(f, "StackId", ""),
		with(f, "RequestId", nil),
		with(f, "LogicalResourceId", strings.Repeat("\u2028", 2000)),
		with(f, "ResourceProperties", []int{1}),
		with(f, "ResponseURL", "https://\u0000"),
		with(f, "ResponseURL", "https://bucket/%zz"),
		[]byte(`null`),
	}
}

func FuzzDecode(f *testing.F) {
	for _, payload := range rubbish(f) {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		event, err := decode(payload)
		if event.ResponseURL != "" {
			_, unusable := http.NewRequest(http.MethodPut, event.ResponseURL, nil)
			assert.NoError(t, unusable, "an address that cannot be answered")
		}
		if err != nil {
			return
		}
		assert.Contains(t, []RequestType{Create, Update, Delete}, event.RequestType)
		for name, id := range map[string]string{
			"ResponseURL": event.ResponseURL, "StackId": event.StackID,
			"RequestId": event.RequestID, "LogicalResourceId": event.LogicalResourceID,
		} {
			assert.NotEmpty(t, id, name)
		}
		assert.True(t, event.RequestType == Create || event.PhysicalResourceID != "", "PhysicalResourceId")
	})
}
