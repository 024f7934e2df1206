package handler_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// guardedRegion is a region with all that the guard looks at and tells.
type guardedRegion struct {
	region

	told     sync.Mutex
	objects  string // S3's answer about the Object Lock
	trail    string
	groups   string
	key      string
	denied   string             // an operation that is refused
	metrics  map[string]float64 // by name, and check after a slash
	messages []url.Values
}

func (g *guardedRegion) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.told.Lock()
	defer g.told.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	operation = operation[strings.LastIndex(operation, ".")+1:]
	answers := map[string]string{"GetTrailStatus": g.trail, "DescribeLogGroups": g.groups, "DescribeKey": g.key}
	switch {
	case operation != "" && operation == g.denied:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"no identity-based policy allows it"}`)
	case answers[operation] != "":
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprint(w, answers[operation])
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		w.Header().Set("Content-Type", "text/xml")
		if form.Get("Action") == "PutMetricData" {
			g.publish(form)
			fmt.Fprint(w, `<PutMetricDataResponse/>`)
			return
		}
		g.messages = append(g.messages, form)
		fmt.Fprint(w, `<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>`)
	case r.URL.Path == "/bucket.with.dots" && r.URL.Query().Has("object-lock"):
		w.Header().Set("Content-Type", "application/xml")
		if strings.HasPrefix(g.objects, "<Error>") {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, g.objects)
	default:
		g.region.ServeHTTP(w, r)
	}
}

func (g *guardedRegion) publish(form url.Values) {
	g.metrics = map[string]float64{}
	for i := 1; ; i++ {
		at := fmt.Sprintf("MetricData.member.%d.", i)
		if !form.Has(at + "MetricName") {
			return
		}
		name := form.Get("Namespace") + ":" + form.Get(at+"MetricName")
		if dimension := form.Get(at + "Dimensions.member.1.Name"); dimension != "" {
			name += "/" + dimension + "=" + form.Get(at+"Dimensions.member.1.Value")
		}
		g.metrics[name], _ = strconv.ParseFloat(form.Get(at+"Value"), 64)
	}
}

const (
	declared = `{
		"cloudWatchConfig":{"logGroupName":"g","roleArn":"arn:aws:iam::111122223333:role/r"},
		"s3Config":{"bucketName":"b"},
		"textDataDeliveryEnabled":true,"imageDataDeliveryEnabled":true,"embeddingDataDeliveryEnabled":false,
		"videoDataDeliveryEnabled":true,"audioDataDeliveryEnabled":false}`
	guardSettings = `{"registerParameter":"/register","owner":"stack/Logging","stateParameter":"/state",
		"topicArn":"arn:aws:sns:eu-west-1:111122223333:alerts","handlerRoleArn":"arn:aws:iam::111122223333:role/handler","healsPerHour":1,
		"buckets":[{"name":"bucket.with.dots","mode":"COMPLIANCE","days":2557}],"trailArn":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t",
		"logGroups":[{"name":"g","retentionDays":2557,"keyArn":"arn:aws:kms:eu-west-1:111122223333:key/k"}],"keys":["arn:aws:kms:eu-west-1:111122223333:key/k"]}`
	locked = `<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled</ObjectLockEnabled>
		<Rule><DefaultRetention><Mode>COMPLIANCE</Mode>%s</DefaultRetention></Rule></ObjectLockConfiguration>`
)

func TestTheCompiledGuardWorksOnTheWire(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Logf("the function is a Linux executable; %s cannot run it", runtime.GOOS)
		return
	}
	aws := &guardedRegion{
		region: region{
			logging:    json.RawMessage(declared),
			parameters: map[string]string{"/register": `{"owner":"stack/Logging","declared":` + declared + `,"previous":null}`, "/state": `{}`},
			versions:   map[string]int64{"/register": 1, "/state": 1},
		},
		objects: fmt.Sprintf(locked, "<Days>2557</Days>"),
		trail:   `{"IsLogging":true}`,
		groups:  `{"logGroups":[{"logGroupName":"g","retentionInDays":2557,"kmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k"},{"logGroupName":"g-other","retentionInDays":1}]}`,
		key:     `{"KeyMetadata":{"KeyId":"k","KeyState":"Enabled"}}`,
	}
	awsServer := httptest.NewServer(aws)
	defer awsServer.Close()
	runtimeAPI := &lambda{events: make(chan string), results: make(chan string, 1)}
	runtimeServer := httptest.NewServer(runtimeAPI)
	defer runtimeServer.Close()

	executable := compile(t)
	// The limit only ends a test that would hang.
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	function := exec.CommandContext(ctx, executable)
	function.Env = []string{
		"_HANDLER=guard", "GUARD=" + guardSettings, "AWS_LAMBDA_FUNCTION_NAME=guard",
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(runtimeServer.URL, "http://"),
		"AWS_ENDPOINT_URL=" + awsServer.URL,
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token",
	}
	function.Stderr = os.Stderr
	require.NoError(t, function.Start())
	defer func() {
		stop()
		_ = function.Wait()
	}()
	run := func(event string) string {
		select {
		case runtimeAPI.events <- event:
		case <-ctx.Done():
			require.Fail(t, "the function does not ask for events")
		}
		return receive(ctx, t, runtimeAPI.results)
	}

	answer := run(`{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`)
	assert.Equal(t, `response {"checks":[{"check":"LoggingConfiguration","decision":"Same"},{"check":"BucketLock","decision":"Same"},{"check":"TrailLogging","decision":"Same"},{"check":"LogGroup","decision":"Same"},{"check":"Key","decision":"Same"}]}`, answer)
	assert.Equal(t, map[string]float64{
		"PaperTrail:LoggingConfigurationDrift": 0, "PaperTrail:LoggingConfigurationChecks": 1,
		"PaperTrail:LoggingConfigurationDrift/Check=LoggingConfiguration": 0, "PaperTrail:LoggingConfigurationChecks/Check=LoggingConfiguration": 1,
		"PaperTrail:LoggingConfigurationDrift/Check=BucketLock": 0, "PaperTrail:LoggingConfigurationChecks/Check=BucketLock": 1,
		"PaperTrail:LoggingConfigurationDrift/Check=TrailLogging": 0, "PaperTrail:LoggingConfigurationChecks/Check=TrailLogging": 1,
		"PaperTrail:LoggingConfigurationDrift/Check=LogGroup": 0, "PaperTrail:LoggingConfigurationChecks/Check=LogGroup": 1,
		"PaperTrail:LoggingConfigurationDrift/Check=Key": 0, "PaperTrail:LoggingConfigurationChecks/Check=Key": 1,
	}, aws.metrics)
	assert.Empty(t, aws.messages)
	assert.Empty(t, aws.puts)

	// Seven years are 2555 days to S3, two short of what was declared.
	aws.logging = nil
	aws.objects = fmt.Sprintf(locked, "<Years>7</Years>")
	aws.denied = "DescribeKey"
	answer = run(`{"source":"aws.bedrock","detail-type":"AWS API Call via CloudTrail","detail":{
		"eventName":"DeleteModelInvocationLoggingConfiguration","eventID":"e","eventTime":"2199-01-01T00:00:00Z","sourceIPAddress":"203.0.113.7",
		"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/mallory"}}}`)
	assert.True(t, strings.HasPrefix(answer, "error "), "Lambda counts it: %s", answer)
	assert.Contains(t, answer, "no identity-based policy allows it")
	assert.Len(t, aws.puts, 2, "the first was refused for want of permissions")
	assert.JSONEq(t, declared, string(aws.logging))
	require.Len(t, aws.messages, 1)
	assert.Equal(t, "Publish", aws.messages[0].Get("Action"))
	assert.Equal(t, "Bedrock logging: changed by mallory, put back (eu-west-1, account 111122223333)", aws.messages[0].Get("Subject"))
	assert.Contains(t, aws.messages[0].Get("Message"), "From:        203.0.113.7\n")
	assert.Equal(t, 1.0, aws.metrics["PaperTrail:LoggingConfigurationDrift"])
	assert.Equal(t, 1.0, aws.metrics["PaperTrail:LoggingConfigurationDrift/Check=LoggingConfiguration"])
	assert.Equal(t, 1.0, aws.metrics["PaperTrail:LoggingConfigurationDrift/Check=BucketLock"])
	assert.NotContains(t, aws.metrics, "PaperTrail:LoggingConfigurationDrift/Check=Key")
	assert.NotContains(t, aws.metrics, "PaperTrail:LoggingConfigurationChecks")

	// What is gone is no failure.
	aws.denied = ""
	aws.objects = `<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>`
	aws.groups = `{"logGroups":[{"logGroupName":"g-other"}]}`
	aws.key = `{"KeyMetadata":{"KeyId":"k","KeyState":"PendingDeletion"}}`
	aws.trail = `{"IsLogging":false}`
	answer = run(`{}`)
	for _, difference := range []string{"bucket bucket.with.dots: Object Lock is off", "is not logging", "log group g: does not exist", "state: live PendingDeletion"} {
		assert.Contains(t, answer, difference)
	}
	assert.NotContains(t, answer, "Unknown")
	assert.Equal(t, 1.0, aws.metrics["PaperTrail:LoggingConfigurationChecks"])
	assert.Equal(t, `{"holder":""`, aws.parameters["/paper-trail/logging-configuration-lock"][:12])
}

func TestTheCompiledGuardRefusesSettingsThatItCannotRead(t *testing.T) {
	if runtime.GOOS != "linux" {
		return
	}
	function := exec.CommandContext(t.Context(), compile(t))
	function.Env = []string{"_HANDLER=guard", "GUARD={}", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1", "AWS_REGION=eu-west-1"}
	output, err := function.CombinedOutput()
	assert.Error(t, err)
	assert.Contains(t, string(output), "registerParameter: got")
	assert.Contains(t, string(output), `"level":"ERROR"`)
}
