package papertrail_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// guardChecks are what the guard looks at.
var guardChecks = []string{"BucketLock", "Key", "LogGroup", "LoggingConfiguration", "TrailLogging"}

// schedule is an event of the guard's schedule.
const schedule = `{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`

// TestTheGuard watches the guard of a deployed environment: it is called as
// EventBridge would, since the emulator's CloudTrail sends no events.
func TestTheGuard(t *testing.T) {
	env := start(t, home)
	configure := func(keys ...string) {
		env.configureDisposable(append(keys, "trail: {mode: create}")...)
	}
	configure()
	env.deploy()
	g := &guarded{
		function: env.physical(home, monitoring, "InvocationLoggingGuardFunction"),
		queue:    env.subscribe("alerts"),
		mallory:  env.user("mallory"),
	}
	declared := env.declared(home)
	allSame := map[string]string{}
	for _, check := range guardChecks {
		allSame[check] = "Same"
	}

	env.step("it finds all as declared", func(env *environment) {
		assert.Equal(env, allSame, g.look(env, schedule))
		assert.Empty(env, g.messages(env))

		listed, err := cloudwatch.NewFromConfig(env.stand.Config(home)).ListMetrics(env.Context(), &cloudwatch.ListMetricsInput{Namespace: aws.String("PaperTrail")})
		require.NoError(env, err)
		var metrics []string
		for _, metric := range listed.Metrics {
			name := *metric.MetricName
			for _, dimension := range metric.Dimensions {
				name += " " + *dimension.Name + "=" + *dimension.Value
			}
			metrics = append(metrics, name)
		}
		wanted := []string{"LoggingConfigurationChecks", "LoggingConfigurationDrift"}
		for _, check := range guardChecks {
			wanted = append(wanted, "LoggingConfigurationChecks Check="+check, "LoggingConfigurationDrift Check="+check)
		}
		assert.ElementsMatch(env, wanted, metrics)
		assert.NotEqual(env, cwtypes.StateValueAlarm, g.alarm(env))
	})
	env.step("a deployment that changes a flag is no drift", func(env *environment) {
		configure("invocationLogging: {audio: false}")
		role := "arn:aws:iam::" + env.stand.Account() + ":role/" + env.physical(home, capture, "InvocationLoggingFunctionRole")
		session := strings.Replace(role, ":iam:", ":sts:", 1)
		session = strings.Replace(session, ":role/", ":assumed-role/", 1) + "/function"
		done, looks := make(chan error, 1), 0
		go func() {
			_, err := env.cdk("deploy")
			done <- err
		}()
		for deploying := true; deploying; looks++ {
			select {
			case err := <-done:
				require.NoError(env, err)
				deploying = false
			default:
			}
			assert.NotContains(env, slices.Collect(maps.Values(g.look(env, schedule))), "Drift")
		}
		assert.Greater(env, looks, 2)
		declared.AudioDataDeliveryEnabled = aws.Bool(false)
		require.Equal(env, declared, env.live(home))
		assert.Equal(env, allSame, g.look(env, call("PutModelInvocationLoggingConfiguration", session, role, nil)))
		assert.Empty(env, g.messages(env))
	})

	foreign := env.somebodyElsesConfiguration()
	env.step("somebody else's change is drift, an alarm and a message", func(env *environment) {
		g.put(env, foreign)
		found := g.look(env, call("PutModelInvocationLoggingConfiguration", g.arn(env), "", foreign))
		assert.Equal(env, "Drift", found["LoggingConfiguration"])
		assert.Equal(env, foreign, env.live(home), "it only watches")
		assert.Equal(env, cwtypes.StateValueAlarm, g.alarm(env))

		told := g.messages(env)
		require.Len(env, told, 1)
		for _, part := range []string{
			g.arn(env), "When:        20", "203.0.113.64", "aws-cli/2.31.0", // who, when, from where, with what
			`"audioDataDeliveryEnabled": false`, *declared.S3Config.BucketName, // old
			`"keyPrefix": "theirs"`, "somebody-elses", // new
			"What to do:",
		} {
			assert.Contains(env, told[0].Message, part)
		}
		assert.Contains(env, told[0].Subject, "CHANGED by mallory")
		assert.Contains(env, told[0].Subject, home)
		assert.Contains(env, told[0].Subject, env.stand.Account())
	})
	env.step("and over once the declared configuration is live again", func(env *environment) {
		_, err := bedrock.NewFromConfig(env.stand.Config(home)).PutModelInvocationLoggingConfiguration(env.Context(),
			&bedrock.PutModelInvocationLoggingConfigurationInput{LoggingConfig: declared})
		require.NoError(env, err)
		assert.Equal(env, allSame, g.look(env, schedule))
		assert.Empty(env, g.messages(env))
	})
	for check, change := range env.weakenings() {
		env.step("drift of "+check, func(env *environment) {
			undo := change(env)
			wanted := maps.Clone(allSame)
			wanted[check] = "Drift"
			assert.Equal(env, wanted, g.look(env, schedule))
			assert.Empty(env, g.messages(env), "the alarm tells it")
			undo()
			assert.Equal(env, allSame, g.look(env, schedule))
		})
	}
	env.step("with heals it puts the configuration back, but no more often than it may", func(env *environment) {
		configure("invocationLogging: {audio: false}", "guard: {healsPerHour: 2}")
		env.deploy()
		for range 2 {
			g.put(env, foreign)
			g.look(env, call("PutModelInvocationLoggingConfiguration", g.arn(env), "", foreign))
			assert.Equal(env, declared, env.live(home))
			told := g.messages(env)
			require.Len(env, told, 1)
			assert.Contains(env, told[0].Subject, "put back")
		}
		g.put(env, foreign)
		g.look(env, call("PutModelInvocationLoggingConfiguration", g.arn(env), "", foreign))
		assert.Equal(env, "Drift", g.look(env, schedule)["LoggingConfiguration"])
		assert.Equal(env, foreign, env.live(home), "it does not fight")
		assert.Equal(env, cwtypes.StateValueAlarm, g.alarm(env))
		told := g.messages(env)
		require.Len(env, told, 1, "it says so once")
		assert.Contains(env, told[0].Subject, "GIVES UP")
	})
	env.step("the declared configuration put by hand ends that, and nothing is left", func(env *environment) {
		_, err := bedrock.NewFromConfig(env.stand.Config(home)).PutModelInvocationLoggingConfiguration(env.Context(),
			&bedrock.PutModelInvocationLoggingConfigurationInput{LoggingConfig: declared})
		require.NoError(env, err)
		assert.Equal(env, allSame, g.look(env, schedule))
		env.destroy()
		assert.Nil(env, env.live(home))
		assert.Empty(env, env.parameters(home))
	})
}

// weakenings change what the guard checks beside the configuration, and back.
func (e *environment) weakenings() map[string]func(*environment) (undo func()) {
	bucket, key := e.physical(home, storage, "InvocationBucket"), e.physical(home, storage, "InvocationKey")
	lock := func(env *environment, rule *s3types.ObjectLockRule) {
		env.Helper()
		_, err := env.s3(home).PutObjectLockConfiguration(env.Context(), &s3.PutObjectLockConfigurationInput{
			Bucket: &bucket, ObjectLockConfiguration: &s3types.ObjectLockConfiguration{ObjectLockEnabled: s3types.ObjectLockEnabledEnabled, Rule: rule},
		})
		require.NoError(env, err)
	}
	retain := func(env *environment, days int32) {
		env.Helper()
		_, err := cloudwatchlogs.NewFromConfig(env.stand.Config(home)).PutRetentionPolicy(env.Context(),
			&cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(logGroup), RetentionInDays: &days})
		require.NoError(env, err)
	}
	return map[string]func(*environment) func(){
		"BucketLock": func(env *environment) func() {
			lock(env, nil)
			return func() {
				lock(env, &s3types.ObjectLockRule{DefaultRetention: &s3types.DefaultRetention{Mode: s3types.ObjectLockRetentionModeGovernance, Days: aws.Int32(1)}})
			}
		},
		"LogGroup": func(env *environment) func() {
			retain(env, 1)
			return func() { retain(env, 3653) }
		},
		"TrailLogging": func(env *environment) func() {
			client := cloudtrail.NewFromConfig(env.stand.Config(home))
			name := env.physical(home, capture, "ActivityTrail")
			_, err := client.StopLogging(env.Context(), &cloudtrail.StopLoggingInput{Name: &name})
			require.NoError(env, err)
			return func() {
				_, err := client.StartLogging(env.Context(), &cloudtrail.StartLoggingInput{Name: &name})
				require.NoError(env, err)
			}
		},
		"Key": func(env *environment) func() {
			client := kms.NewFromConfig(env.stand.Config(home))
			_, err := client.DisableKey(env.Context(), &kms.DisableKeyInput{KeyId: &key})
			require.NoError(env, err)
			return func() {
				_, err := client.EnableKey(env.Context(), &kms.EnableKeyInput{KeyId: &key})
				require.NoError(env, err)
			}
		},
	}
}

// guarded is a deployed guard and who deals with it.
type guarded struct {
	function string
	queue    string // of a subscriber of its topic
	mallory  aws.Credentials
}

func (g *guarded) arn(e *environment) string {
	return "arn:aws:iam::" + e.stand.Account() + ":user/mallory"
}

// put is mallory's.
func (g *guarded) put(e *environment, config *bedrocktypes.LoggingConfig) {
	e.Helper()
	as := e.stand.Config(home)
	as.Credentials = credentials.StaticCredentialsProvider{Value: g.mallory}
	_, err := bedrock.NewFromConfig(as).PutModelInvocationLoggingConfiguration(e.Context(),
		&bedrock.PutModelInvocationLoggingConfigurationInput{LoggingConfig: config})
	require.NoError(e, err)
}

// look calls the guard with an event, holds its metrics against what it returns,
// and returns the decision of each check.
func (g *guarded) look(e *environment, event string) map[string]string {
	e.Helper()
	before := g.metrics(e)
	answer, err := lambda.NewFromConfig(e.stand.Config(home)).Invoke(e.Context(), &lambda.InvokeInput{FunctionName: &g.function, Payload: []byte(event)})
	require.NoError(e, err)
	require.Empty(e, aws.ToString(answer.FunctionError), string(answer.Payload))
	var found struct {
		Checks []struct{ Check, Decision, Difference, Error string }
	}
	require.NoError(e, json.Unmarshal(answer.Payload, &found), string(answer.Payload))
	decisions, published := map[string]string{}, g.metrics(e)
	for _, check := range found.Checks {
		decisions[check.Check] = check.Decision
		drift, checks := published["LoggingConfigurationDrift "+check.Check], published["LoggingConfigurationChecks "+check.Check]
		result := map[string][2]float64{"Same": {0, 1}, "Drift": {1, 1}, "Unknown": {0, 0}}[check.Decision]
		assert.Equal(e, result[0], drift-before["LoggingConfigurationDrift "+check.Check], "%+v", check)
		assert.Equal(e, result[1], checks-before["LoggingConfigurationChecks "+check.Check], "%+v", check)
	}
	return decisions
}

// metrics are the sums of what the guard has published.
func (g *guarded) metrics(e *environment) map[string]float64 {
	e.Helper()
	client := cloudwatch.NewFromConfig(e.stand.Config(home))
	sums := map[string]float64{}
	for _, name := range []string{"LoggingConfigurationDrift", "LoggingConfigurationChecks"} {
		for _, check := range guardChecks {
			answer, err := client.GetMetricStatistics(e.Context(), &cloudwatch.GetMetricStatisticsInput{
				Namespace: aws.String("PaperTrail"), MetricName: &name,
				Dimensions: []cwtypes.Dimension{{Name: aws.String("Check"), Value: &check}},
				StartTime:  aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Hour)),
				Period: aws.Int32(7200), Statistics: []cwtypes.Statistic{cwtypes.StatisticSum},
			})
			require.NoError(e, err)
			for _, point := range answer.Datapoints {
				sums[name+" "+check] += *point.Sum
			}
		}
	}
	return sums
}

// alarm is the state of the drift alarm.
func (g *guarded) alarm(e *environment) cwtypes.StateValue {
	e.Helper()
	name := e.physical(home, monitoring, "InvocationLoggingGuardDrift")
	answer, err := cloudwatch.NewFromConfig(e.stand.Config(home)).DescribeAlarms(e.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	require.NoError(e, err)
	require.Len(e, answer.MetricAlarms, 1)
	assert.Contains(e, *answer.MetricAlarms[0].AlarmDescription, "| filter ispresent(difference)")
	return answer.MetricAlarms[0].StateValue
}

// message is one of the topic, as a queue gets it.
type message struct{ Subject, Message string }

// messages are those of the guard since it was asked last; alarms notify the
// topic as well.
func (g *guarded) messages(e *environment) []message {
	e.Helper()
	client := sqs.NewFromConfig(e.stand.Config(home))
	var all []message
	for {
		answer, err := client.ReceiveMessage(e.Context(), &sqs.ReceiveMessageInput{QueueUrl: &g.queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 1})
		require.NoError(e, err)
		if len(answer.Messages) == 0 {
			return all
		}
		for _, received := range answer.Messages {
			var m message
			require.NoError(e, json.Unmarshal([]byte(*received.Body), &m))
			if strings.HasPrefix(m.Subject, "Bedrock logging:") {
				all = append(all, m)
			}
			_, err := client.DeleteMessage(e.Context(), &sqs.DeleteMessageInput{QueueUrl: &g.queue, ReceiptHandle: received.ReceiptHandle})
			require.NoError(e, err)
		}
	}
}

// subscribe makes a queue and subscribes it to the alert topic.
func (e *environment) subscribe(name string) (queueURL string) {
	e.Helper()
	queue, err := sqs.NewFromConfig(e.stand.Config(home)).CreateQueue(e.Context(), &sqs.CreateQueueInput{
		QueueName: &name, Attributes: map[string]string{"Policy": `{"Version":"2012-10-17","Statement":[{` +
			`"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}`},
	})
	require.NoError(e, err)
	_, err = sns.NewFromConfig(e.stand.Config(home)).Subscribe(e.Context(), &sns.SubscribeInput{
		TopicArn: aws.String(e.physical(home, monitoring, "AlertTopic")), Protocol: aws.String("sqs"),
		Endpoint: aws.String("arn:aws:sqs:" + home + ":" + e.stand.Account() + ":" + name),
	})
	require.NoError(e, err)
	return *queue.QueueUrl
}

// user makes one that may change the logging configuration.
func (e *environment) user(name string) aws.Credentials {
	e.Helper()
	client := iam.NewFromConfig(e.stand.Config(home))
	_, err := client.CreateUser(e.Context(), &iam.CreateUserInput{UserName: &name})
	require.NoError(e, err)
	_, err = client.PutUserPolicy(e.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("bedrock"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:PutModelInvocationLoggingConfiguration","Resource":"*"}]}`)})
	require.NoError(e, err)
	made, err := client.CreateAccessKey(e.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	require.NoError(e, err)
	return aws.Credentials{AccessKeyID: *made.AccessKey.AccessKeyId, SecretAccessKey: *made.AccessKey.SecretAccessKey}
}

// call is the event of a call by a user, or by a session of a role.
func call(operation, caller, role string, requested *bedrocktypes.LoggingConfig) string {
	identity := map[string]any{"type": "IAMUser", "arn": caller, "accountId": "111111111111"}
	if role != "" {
		identity["type"] = "AssumedRole"
		identity["sessionContext"] = map[string]any{"sessionIssuer": map[string]any{"type": "Role", "arn": role}}
	}
	parameters := map[string]any{}
	if requested != nil {
		parameters["loggingConfig"] = map[string]any{
			"s3Config":                     map[string]any{"bucketName": *requested.S3Config.BucketName, "keyPrefix": *requested.S3Config.KeyPrefix},
			"textDataDeliveryEnabled":      *requested.TextDataDeliveryEnabled,
			"imageDataDeliveryEnabled":     *requested.ImageDataDeliveryEnabled,
			"embeddingDataDeliveryEnabled": *requested.EmbeddingDataDeliveryEnabled,
			"videoDataDeliveryEnabled":     *requested.VideoDataDeliveryEnabled,
			"audioDataDeliveryEnabled":     *requested.AudioDataDeliveryEnabled,
		}
	}
	event, err := json.Marshal(map[string]any{
		"source": "aws.bedrock", "detail-type": "AWS API Call via CloudTrail", "account": "111111111111", "region": home,
		"detail": map[string]any{
			"eventSource": "bedrock.amazonaws.com", "eventName": operation, "eventID": time.Now().Format(time.RFC3339Nano),
			"eventTime": time.Now().UTC().Format(time.RFC3339), "awsRegion": home,
			"sourceIPAddress": "203.0.113.64", "userAgent": "aws-cli/2.31.0",
			"userIdentity": identity, "requestParameters": parameters,
		},
	})
	if err != nil {
		panic(err) // texts and flags
	}
	return string(event)
}
