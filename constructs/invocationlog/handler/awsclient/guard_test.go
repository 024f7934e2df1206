package awsclient

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/guard"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

// configured is the environment of a function.
func configured(region, endpoint string) aws.Config {
	return FromEnvironment(func(name string) string {
		return map[string]string{
			"AWS_REGION": region, "AWS_ENDPOINT_URL": endpoint,
			"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
		}[name]
	})
}

// answering is a service that always gives one answer, and notes what it was
// asked.
func answering(t *testing.T, status int, header map[string]string, body string) (guard.Client, *http.Request, *string) {
	t.Helper()
	asked, text := &http.Request{}, new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = *r
		read, _ := io.ReadAll(r.Body)
		*text = string(read)
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return NewGuard(configured("eu-west-1", server.URL)), asked, text
}

func TestEndpointsOfEveryPartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-west-1":      "https://s3.eu-west-1.amazonaws.com",
		"us-gov-west-1":  "https://s3.us-gov-west-1.amazonaws.com",
		"cn-north-1":     "https://s3.cn-north-1.amazonaws.com.cn",
		"us-iso-east-1":  "https://s3.us-iso-east-1.c2s.ic.gov",
		"eusc-de-east-1": "https://s3.eusc-de-east-1.amazonaws.eu",
	} {
		got, err := newCaller(configured(region, "")).endpoint(t.Context(), "s3")
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestRequestsAreSignedForTheirService(t *testing.T) {
	t.Parallel()
	for service, do := range map[string]func(context.Context, guard.Client) error{
		"s3": func(ctx context.Context, c guard.Client) error {
			_, err := c.GetObjectLockConfiguration(ctx, "b")
			return err
		},
		"cloudtrail": func(ctx context.Context, c guard.Client) error { _, err := c.GetTrailStatus(ctx, "t"); return err },
		"logs":       func(ctx context.Context, c guard.Client) error { _, err := c.DescribeLogGroups(ctx, "g"); return err },
		"kms":        func(ctx context.Context, c guard.Client) error { _, err := c.DescribeKey(ctx, "k"); return err },
		"monitoring": func(ctx context.Context, c guard.Client) error { return c.PutMetricData(ctx, "n", nil) },
		"sns":        func(ctx context.Context, c guard.Client) error { return c.Publish(ctx, "t", "s", "m") },
	} {
		client, asked, _ := answering(t, http.StatusForbidden, nil, `{"__type":"AccessDeniedException","Message":"m"}`)
		err := do(t.Context(), client)
		assert.ErrorContains(t, err, "AccessDeniedException", service)
		assert.False(t, logging.IsTransient(err), service)
		assert.Contains(t, asked.Header.Get("Authorization"), "/eu-west-1/"+service+"/aws4_request", service)
		assert.Equal(t, "token", asked.Header.Get("X-Amz-Security-Token"), service)
	}
}

func TestTheErrorsOfEveryProtocol(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status    int
		header    map[string]string
		body      string
		want      string
		transient bool
	}{
		"JSON":               {400, nil, `{"__type":"com.amazonaws.kms#DisabledException","message":"m"}`, "api error DisabledException: m (status 400, request unknown)", false},
		"JSON, in a header":  {400, map[string]string{"X-Amzn-Errortype": "AccessDeniedException:http://x/", "X-Amzn-Requestid": "r"}, `{"Message":"m"}`, "api error AccessDeniedException: m (status 400, request r)", false},
		"JSON, throttled":    {400, nil, `{"__type":"ThrottlingException"}`, "api error ThrottlingException: ", true},
		"query":              {403, nil, `<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>m</Message></Error></ErrorResponse>`, "api error AuthorizationError: m", false},
		"query, throttled":   {400, nil, `<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>`, "api error Throttling: ", true},
		"S3":                 {403, map[string]string{"X-Amz-Request-Id": "r"}, `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>m</Message></Error>`, "api error AccessDenied: m (status 403, request r)", false},
		"S3, too fast":       {503, nil, `<Error><Code>SlowDown</Code></Error>`, "api error SlowDown: ", true},
		"a proxy in between": {502, nil, `<html>Bad gateway</html>`, "api error Bad Gateway: ", true},
		"no body":            {500, nil, ``, "api error Internal Server Error: ", true},
	} {
		client, _, _ := answering(t, c.status, c.header, c.body)
		_, err := client.DescribeKey(t.Context(), "k")
		assert.ErrorContains(t, err, c.want, name)
		assert.Equal(t, c.transient, logging.IsTransient(err), name)
	}
}

func TestAConnectionThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		panic(http.ErrAbortHandler)
	}))
	_, err := NewGuard(configured("eu-west-1", server.URL)).DescribeKey(t.Context(), "k")
	assert.True(t, logging.IsTransient(err), "%v", err)
	server.Close()
	_, err = NewGuard(configured("eu-west-1", server.URL)).DescribeKey(t.Context(), "k")
	assert.True(t, logging.IsTransient(err), "%v", err)
}

func TestWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	bucket, _, _ := answering(t, 404, nil, `<Error><Code>NoSuchBucket</Code></Error>`)
	_, err := bucket.GetObjectLockConfiguration(t.Context(), "b")
	assert.ErrorIs(t, err, guard.ErrNotFound)
	trail, _, _ := answering(t, 400, nil, `{"__type":"TrailNotFoundException"}`)
	_, err = trail.GetTrailStatus(t.Context(), "t")
	assert.ErrorIs(t, err, guard.ErrNotFound)
	key, _, _ := answering(t, 400, nil, `{"__type":"NotFoundException"}`)
	_, err = key.DescribeKey(t.Context(), "k")
	assert.ErrorIs(t, err, guard.ErrNotFound)
	group, _, _ := answering(t, 200, nil, `{"logGroups":[{"logGroupName":"group"}]}`)
	_, err = group.DescribeLogGroups(t.Context(), "g")
	assert.ErrorIs(t, err, guard.ErrNotFound)
}

func TestAnswersThatAreNoneAreErrors(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "<html>", "{}"} {
		client, _, _ := answering(t, 200, nil, body)
		_, err := client.DescribeKey(t.Context(), "k")
		assert.Error(t, err, body)
	}
	client, _, _ := answering(t, 200, nil, "")
	_, err := client.GetObjectLockConfiguration(t.Context(), "b")
	assert.Error(t, err)
}

func TestTheStatusOfATrail(t *testing.T) {
	t.Parallel()
	// Times are as CloudTrail writes them, with a fraction.
	client, _, _ := answering(t, 200, nil, `{"IsLogging":true,"LatestDeliveryTime":1767225600.123,"LatestDigestDeliveryError":"AccessDenied",
		"LatestCloudWatchLogsDeliveryError":"Access denied","LatestCloudWatchLogsDeliveryTime":1767225660,"LatestDigestDeliveryTime":null}`)
	got, err := client.GetTrailStatus(t.Context(), "t")
	require.NoError(t, err)
	midnight := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	assert.True(t, got.IsLogging)
	assert.Empty(t, got.Files.Error)
	assert.True(t, got.Files.Latest.Equal(midnight))
	assert.Equal(t, guard.Delivery{Error: "AccessDenied"}, got.Digests)
	assert.Equal(t, "Access denied", got.Logs.Error)
	assert.True(t, got.Logs.Latest.Equal(midnight.Add(time.Minute)))

	client, _, _ = answering(t, 200, nil, `{"IsLogging":true,"LatestDeliveryTime":"today"}`)
	_, err = client.GetTrailStatus(t.Context(), "t")
	assert.ErrorContains(t, err, "a time has to be a number of seconds, got")
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	client, asked, body := answering(t, 200, nil, `<PublishResponse/>`)
	require.NoError(t, client.Publish(t.Context(), "arn:t", "a (b)", "line 1\n{\"a\": \"b&c=d+e ü\"}\n"))
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(*body))
	r.Header = asked.Header
	require.NoError(t, r.ParseForm())
	assert.Equal(t, "line 1\n{\"a\": \"b&c=d+e ü\"}\n", r.PostForm.Get("Message"))
	assert.Equal(t, "a (b)", r.PostForm.Get("Subject"))
}

func TestBucketsOfAnyNameAreInThePath(t *testing.T) {
	t.Parallel()
	client, asked, _ := answering(t, 200, nil, `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Years>2</Years></DefaultRetention></Rule></ObjectLockConfiguration>`)
	lock, err := client.GetObjectLockConfiguration(t.Context(), "a.b-c")
	require.NoError(t, err)
	assert.Equal(t, guard.ObjectLock{Enabled: true, Mode: "GOVERNANCE", Days: 730}, lock)
	assert.Equal(t, "/a.b-c?object-lock=", asked.URL.String())
}
