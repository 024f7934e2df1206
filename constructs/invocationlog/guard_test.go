package invocationlog_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/guard"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

// newGuard makes a guard in the stack of the logging configuration.
func newGuard(t *testing.T, change func(awscdk.Stack, *invocationlog.InvocationLoggingGuardProps)) (awscdk.Stack, invocationlog.InvocationLoggingGuard) {
	t.Helper()
	stack, logging := newLogging(t, nil)
	props := &invocationlog.InvocationLoggingGuardProps{
		Logging:  logging,
		Topic:    awssns.NewTopic(stack, jsii.String("Topic"), nil),
		Function: prebuilt(t),
	}
	if change != nil {
		change(stack, props)
	}
	return stack, invocationlog.NewInvocationLoggingGuard(stack, jsii.String("Guard"), props)
}

// settingsText is what the guard's function is told, with filled("LogicalId")
// for what CloudFormation fills in.
func settingsText(t *testing.T, template cdktest.Template, filled func(string) string) string {
	t.Helper()
	_, function := template.Only(t, "AWS::Lambda::Function", "GuardFunction")
	value := function.Properties["Environment"].(map[string]any)["Variables"].(map[string]any)["GUARD"]
	var text strings.Builder
	for _, part := range value.(map[string]any)["Fn::Join"].([]any)[1].([]any) {
		if s, ok := part.(string); ok {
			text.WriteString(s)
			continue
		}
		reference := cdktest.JSON(t, part)
		name := regexp.MustCompile(`^{"(?:Ref":|Fn::GetAtt":\[)"(AWS::StackId|[A-Za-z]+?)(?:[0-9A-F]{8})?"`).FindStringSubmatch(reference)
		require.NotNil(t, name, reference)
		text.WriteString(filled(name[1]))
	}
	return text.String()
}

func settings(t *testing.T, template cdktest.Template) map[string]any {
	t.Helper()
	text := settingsText(t, template, func(name string) string { return "<" + name + ">" })
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &out), text)
	return out
}

// guardMay is the policy of the guard's role.
func guardMay(t *testing.T, template cdktest.Template) any {
	t.Helper()
	_, role := template.Only(t, "AWS::IAM::Role", "GuardFunctionRole")
	require.Len(t, role.Properties["Policies"], 1)
	assert.NotContains(t, role.Properties, "ManagedPolicyArns")
	return role.Properties["Policies"].([]any)[0].(map[string]any)["PolicyDocument"]
}

func TestInvocationLoggingGuardIsImportable(t *testing.T) {
	stack, guard := newGuard(t, nil)
	cdktest.AssertImportable(t, guard)
	cdktest.Synth(t, stack)
}

func TestInvocationLoggingGuardIsToldWhatWasDeclared(t *testing.T) {
	stack, _ := newGuard(t, nil)
	template := cdktest.Synth(t, stack)
	resource, _ := template.Only(t, "Custom::BedrockInvocationLogging", "Logging")
	_, logging := template.Only(t, "Custom::BedrockInvocationLogging", "Logging")
	told := settings(t, template)
	assert.Contains(t, cdktest.JSON(t, logging.Properties), fmt.Sprintf("%q", told["registerParameter"]), "where the custom resource is told to remember")
	assert.Equal(t, map[string]any{
		"registerParameter": told["registerParameter"],
		"owner":             "<AWS::StackId>/" + resource,
		"stateParameter":    "/paper-trail/Test/logging-guard",
		"topicArn":          "<Topic>",
		"handlerRoleArn":    "<LoggingFunctionRole>",
		"healsPerHour":      0.0,
		"buckets":           []any{map[string]any{"name": "<AuditBucket>", "mode": "COMPLIANCE", "days": 2557.0}},
		"logGroups":         []any{map[string]any{"name": "<GroupLogGroup>", "retentionDays": 2557.0, "keyArn": "<Key>"}},
		"keys":              []any{"<Key>"},
	}, told)
}

// The construct and the compiled function share no types, so that importers do
// not take on the AWS SDK; this is where they meet.
func TestTheFunctionUnderstandsWhatItIsTold(t *testing.T) {
	stack, _ := newGuard(t, func(stack awscdk.Stack, p *invocationlog.InvocationLoggingGuardProps) {
		p.Trail = awscloudtrail.NewCfnTrail(stack, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
			IsLogging: jsii.Bool(true), S3BucketName: jsii.String("theirs"),
		})
		p.Heal = &invocationlog.HealProps{MaxPerHour: jsii.Number(60)}
	})
	template := cdktest.Synth(t, stack)
	told, err := guard.ParseSettings(settingsText(t, template, func(name string) string { return "arn:" + name }))
	require.NoError(t, err)
	assert.Equal(t, []guard.LockedBucket{{Name: "arn:AuditBucket", Mode: "COMPLIANCE", Days: 2557}}, told.Buckets)
	assert.Equal(t, []guard.KeptLogGroup{{Name: "arn:GroupLogGroup", RetentionDays: 2557, KeyArn: "arn:Key"}}, told.LogGroups)
	assert.Equal(t, "arn:Trail", told.TrailArn)
	assert.Equal(t, 60, told.HealsPerHour)
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, guardMay(t, template), "TakeTurnsAndRemember")), register.LockParameter)
}

func TestInvocationLoggingGuardChecksWhatItIsGivenBesides(t *testing.T) {
	stack, _ := newGuard(t, func(stack awscdk.Stack, p *invocationlog.InvocationLoggingGuardProps) {
		trailKey := auditstore.NewAuditKey(stack, jsii.String("Trailkey"), nil)
		topicKey := auditstore.NewAuditKey(stack, jsii.String("Topickey"), nil)
		logKey := auditstore.NewAuditKey(stack, jsii.String("Logkey"), nil)
		p.Buckets = &[]auditstore.AuditBucket{
			auditstore.NewAuditBucket(stack, jsii.String("Trailbucket"), &auditstore.AuditBucketProps{
				Key: trailKey, ObjectLockDefaultRetention: awss3.ObjectLockRetention_Governance(awscdk.Duration_Days(jsii.Number(2))),
			}),
			auditstore.NewAuditBucket(stack, jsii.String("Theirs"), &auditstore.AuditBucketProps{
				ExistingBucket: awss3.Bucket_FromBucketName(stack, jsii.String("Existing"), jsii.String("theirs")),
			}),
		}
		p.Keys = &[]auditstore.AuditKey{auditstore.NewAuditKey(stack, jsii.String("Further"), nil)}
		p.LogKey = logKey
		p.Topic = awssns.NewTopic(stack, jsii.String("Encrypted"), &awssns.TopicProps{MasterKey: topicKey.Key()})
		p.Trail = awscloudtrail.NewCfnTrail(stack, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
			IsLogging: jsii.Bool(true), S3BucketName: jsii.String("theirs"),
		})
	})
	template := cdktest.Synth(t, stack)
	told := settings(t, template)
	assert.Equal(t, []any{
		map[string]any{"name": "<AuditBucket>", "mode": "COMPLIANCE", "days": 2557.0},
		map[string]any{"name": "<TrailbucketBucket>", "mode": "GOVERNANCE", "days": 2.0},
	}, told["buckets"], "an existing bucket declares no lock")
	assert.Equal(t, "<Trail>", told["trailArn"])
	assert.Equal(t, []any{"<Key>", "<TrailkeyKey>", "<FurtherKey>", "<LogkeyKey>", "<TopickeyKey>"}, told["keys"])

	document := guardMay(t, template)
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, document, "CheckTrail")), "cloudtrail:GetTrailStatus")
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, document, "EncryptMessages")), "TopickeyKey")
	_, logs := template.Only(t, "AWS::Logs::LogGroup", "GuardFunctionLogs")
	assert.Contains(t, cdktest.JSON(t, logs.Properties["KmsKeyId"]), "LogkeyKey")
	assert.EqualValues(t, 2557, logs.Properties["RetentionInDays"])
	assert.Equal(t, "RetainExceptOnCreate", logs.DeletionPolicy, "it stays as the records do")
}

func TestInvocationLoggingGuardChecksTheBucketOfLargeData(t *testing.T) {
	stack, logging := newLogging(t, func(stack awscdk.Stack, p *invocationlog.InvocationLoggingProps) {
		p.LargeDataBucket = auditstore.NewAuditBucket(stack, jsii.String("Large"), &auditstore.AuditBucketProps{Key: p.LogGroup.Key()})
	})
	invocationlog.NewInvocationLoggingGuard(stack, jsii.String("Guard"), &invocationlog.InvocationLoggingGuardProps{
		Logging: logging, Topic: awssns.NewTopic(stack, jsii.String("Topic"), nil), Function: prebuilt(t),
	})
	assert.Len(t, settings(t, cdktest.Synth(t, stack))["buckets"], 2)
}

// What the guard may do is evaluated in test/policy; this is about statements
// that are only there when needed.
func TestInvocationLoggingGuardMayDoOnlyWhatItsChecksNeed(t *testing.T) {
	stack := cdktest.NewStack(t)
	logging := invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		LogGroup: invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{
			ExistingLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Theirs"), jsii.String("/theirs")),
		}),
		Function: prebuilt(t),
	})
	invocationlog.NewInvocationLoggingGuard(stack, jsii.String("Guard"), &invocationlog.InvocationLoggingGuardProps{
		Logging: logging, Topic: awssns.NewTopic(stack, jsii.String("Topic"), nil), Function: prebuilt(t),
	})
	template := cdktest.Synth(t, stack)
	told := settings(t, template)
	for _, absent := range []string{"buckets", "trailArn", "logGroups", "keys"} {
		assert.NotContains(t, told, absent)
	}
	document := cdktest.JSON(t, guardMay(t, template))
	for _, action := range []string{"s3:", "cloudtrail:", "logs:DescribeLogGroups", "kms:", "iam:", "PutModelInvocation", "DeleteModelInvocation", "ssm:DeleteParameter"} {
		assert.NotContains(t, document, action)
	}
	_, logs := template.Only(t, "AWS::Logs::LogGroup", "GuardFunctionLogs")
	assert.NotContains(t, logs.Properties, "KmsKeyId")
}

func TestInvocationLoggingGuardHealsOnlyWhenTold(t *testing.T) {
	stack, _ := newGuard(t, nil)
	assert.NotContains(t, strings.Join(cdktest.Warnings(stack), "\n"), "InvocationLoggingGuard")

	for heal, want := range map[*invocationlog.HealProps]float64{
		{}:                           3,
		{MaxPerHour: jsii.Number(1)}: 1,
	} {
		stack, _ := newGuard(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingGuardProps) { p.Heal = heal })
		template := cdktest.Synth(t, stack)
		assert.Equal(t, want, settings(t, template)["healsPerHour"])
		document := guardMay(t, template)
		own := cdktest.JSON(t, cdktest.Statement(t, document, "OwnLoggingConfiguration"))
		assert.Contains(t, own, "bedrock:PutModelInvocationLoggingConfiguration")
		assert.NotContains(t, own, "Delete")
		assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, document, "HandLoggingRoleToBedrock")), "LoggingRole")
		assert.Contains(t, strings.Join(cdktest.Warnings(stack), "\n"), "paper-trail:InvocationLoggingGuard.heal")
	}
}

func TestInvocationLoggingGuardIsCalled(t *testing.T) {
	stack, _ := newGuard(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingGuardProps) {
		p.Interval = awscdk.Duration_Seconds(jsii.Number(60))
	})
	template := cdktest.Synth(t, stack)
	function, properties := template.Only(t, "AWS::Lambda::Function", "GuardFunction")
	assert.Equal(t, "guard", properties.Properties["Handler"], "chooses the guard in the compiled code")

	scheduleID, schedule := template.Only(t, "AWS::Events::Rule", "GuardSchedule")
	changesID, changes := template.Only(t, "AWS::Events::Rule", "GuardChanges")
	assert.Equal(t, "rate(1 minute)", schedule.Properties["ScheduleExpression"])
	logging, _ := template.Only(t, "Custom::BedrockInvocationLogging", "Logging")
	assert.Contains(t, cdktest.JSON(t, schedule.DependsOn), logging, "nothing is declared before")
	assert.JSONEq(t, `{
		"source": ["aws.bedrock"],
		"detail-type": ["AWS API Call via CloudTrail"],
		"detail": {
			"eventSource": ["bedrock.amazonaws.com"],
			"eventName": ["DeleteModelInvocationLoggingConfiguration", "PutModelInvocationLoggingConfiguration"]
		}}`, cdktest.JSON(t, changes.Properties["EventPattern"]))
	for id, rule := range map[string]cdktest.Resource{scheduleID: schedule, changesID: changes} {
		assert.Contains(t, cdktest.JSON(t, rule.Properties["Targets"]), function)
		var permitted int
		for _, permission := range template.OfType("AWS::Lambda::Permission") {
			if strings.Contains(cdktest.JSON(t, permission.Properties["SourceArn"]), id) {
				permitted++
				assert.Equal(t, "events.amazonaws.com", permission.Properties["Principal"])
				assert.Equal(t, "lambda:InvokeFunction", permission.Properties["Action"])
				assert.Contains(t, cdktest.JSON(t, permission.Properties["FunctionName"]), function)
			}
		}
		assert.Equal(t, 1, permitted, id)
	}
}

func TestInvocationLoggingGuardAlarms(t *testing.T) {
	stack, guard := newGuard(t, nil)
	template := cdktest.Synth(t, stack)
	logs, _ := template.Only(t, "AWS::Logs::LogGroup", "GuardFunctionLogs")
	_, drift := template.Only(t, "AWS::CloudWatch::Alarm", "GuardDrift")
	_, silence := template.Only(t, "AWS::CloudWatch::Alarm", "GuardSilence")
	for alarm, want := range map[*cdktest.Resource]map[string]any{
		&drift: {
			"MetricName": "LoggingConfigurationDrift", "Statistic": "Maximum", "Threshold": 1.0,
			"ComparisonOperator": "GreaterThanOrEqualToThreshold", "EvaluationPeriods": 1.0, "Period": 1800.0,
			"TreatMissingData": "ignore",
		},
		&silence: {
			"MetricName": "LoggingConfigurationChecks", "Statistic": "Sum", "Threshold": 1.0,
			"ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 3.0, "Period": 900.0,
			"TreatMissingData": "breaching",
		},
	} {
		for property, value := range want {
			assert.Equal(t, value, alarm.Properties[property], "%s of %s", property, want["MetricName"])
		}
		assert.Equal(t, "PaperTrail", alarm.Properties["Namespace"])
		assert.NotContains(t, alarm.Properties, "Dimensions")
		assert.Contains(t, cdktest.JSON(t, alarm.Properties["AlarmActions"]), "Topic")
		assert.Contains(t, cdktest.JSON(t, alarm.Properties["OKActions"]), "Topic")
		description := cdktest.JSON(t, alarm.Properties["AlarmDescription"])
		assert.Contains(t, description, logs)
		assert.Contains(t, description, "fields @timestamp")
		assert.Less(t, len(description), 1024, "CloudWatch allows that much")
	}
	assert.NotNil(t, guard.DriftAlarm().AlarmArn())
	assert.NotNil(t, guard.SilenceAlarm().AlarmArn())
	assert.NotNil(t, guard.Function().AttrArn())
}

func TestInvocationLoggingGuardMetrics(t *testing.T) {
	_, guard := newGuard(t, nil)
	assert.Equal(t, "LoggingConfigurationDrift", *guard.MetricDrift(nil).MetricName())
	assert.Equal(t, "LoggingConfigurationChecks", *guard.MetricChecks(nil).MetricName())
	one := guard.MetricDrift(&awscloudwatch.MetricOptions{
		DimensionsMap: &map[string]*string{invocationlog.CheckDimension: jsii.String("BucketLock")},
	})
	assert.Equal(t, "PaperTrail", *one.Namespace())
	assert.Equal(t, "Maximum", *one.Statistic())
	assert.Contains(t, *one.Dimensions(), "Check")
}

// Elsewhere the guard makes the parameter, which CloudFormation would report as
// drift.
func TestInvocationLoggingGuardOfADisposableEnvironment(t *testing.T) {
	kept, _ := newGuard(t, nil)
	assert.Empty(t, cdktest.Synth(t, kept).OfType("AWS::SSM::Parameter"))

	stack, logging := newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) {
		p.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	})
	invocationlog.NewInvocationLoggingGuard(stack, jsii.String("Guard"), &invocationlog.InvocationLoggingGuardProps{
		Logging: logging, Topic: awssns.NewTopic(stack, jsii.String("Topic"), nil), Function: prebuilt(t),
	})
	template := cdktest.Synth(t, stack)
	_, state := template.Only(t, "AWS::SSM::Parameter", "GuardState")
	assert.Equal(t, settings(t, template)["stateParameter"], state.Properties["Name"])
	_, logs := template.Only(t, "AWS::Logs::LogGroup", "GuardFunctionLogs")
	assert.Equal(t, "Delete", logs.DeletionPolicy)
}

// As in an application whose alarms live apart from its records.
func TestInvocationLoggingGuardInAnotherStack(t *testing.T) {
	app := cdktest.NewApp(t)
	recording, watching := cdktest.NewStackIn(app, "Recording"), cdktest.NewStackIn(app, "Watching")
	key := newKey(recording)
	logging := invocationlog.NewInvocationLogging(recording, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		Bucket:   auditstore.NewAuditBucket(recording, jsii.String("Audit"), &auditstore.AuditBucketProps{Key: key}),
		Function: prebuilt(t),
	})
	invocationlog.NewInvocationLoggingGuard(watching, jsii.String("Guard"), &invocationlog.InvocationLoggingGuardProps{
		Logging: logging, Topic: awssns.NewTopic(watching, jsii.String("Topic"), nil), Function: prebuilt(t),
	})
	text := cdktest.JSON(t, cdktest.Synth(t, watching).Map())
	assert.Contains(t, text, "Recording:ExportsOutputRefAWSStackId", "the owner of the configuration is the other stack")
	assert.Contains(t, text, "/paper-trail/Watching/logging-guard")
	assert.Contains(t, cdktest.JSON(t, cdktest.Synth(t, recording).Map()), ":log-group:Watching-*", "the key serves the guard's log group")
}

func TestInvocationLoggingGuardMisuse(t *testing.T) {
	stack, logging := newLogging(t, nil)
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	count := 0
	guard := func(change func(*invocationlog.InvocationLoggingGuardProps)) func() {
		return func() {
			count++
			props := &invocationlog.InvocationLoggingGuardProps{Logging: logging, Topic: topic, Function: prebuilt(t)}
			change(props)
			invocationlog.NewInvocationLoggingGuard(stack, jsii.String(fmt.Sprint("Guard", count)), props)
		}
	}
	every := func(interval awscdk.Duration) func() {
		return guard(func(p *invocationlog.InvocationLoggingGuardProps) { p.Interval = interval })
	}
	heals := func(n float64) func() {
		return guard(func(p *invocationlog.InvocationLoggingGuardProps) { p.Heal = &invocationlog.HealProps{MaxPerHour: &n} })
	}
	for want, misuse := range map[string]func(){
		"InvocationLoggingGuard needs a scope, got nil": func() { invocationlog.NewInvocationLoggingGuard(nil, jsii.String("G"), nil) },
		"InvocationLoggingGuard needs an id, got none":  func() { invocationlog.NewInvocationLoggingGuard(stack, nil, nil) },
		"InvocationLoggingGuard needs InvocationLoggingGuardProps.Logging, got nil; set it": func() {
			invocationlog.NewInvocationLoggingGuard(stack, jsii.String("G1"), nil)
		},
		"InvocationLoggingGuard needs InvocationLoggingGuardProps.Topic, got nil; set it":                 guard(func(p *invocationlog.InvocationLoggingGuardProps) { p.Topic = nil }),
		"Interval has to be whole minutes, 1 to 480, got 0.5 minutes; give Duration_Minutes":              every(awscdk.Duration_Seconds(jsii.Number(30))),
		"Interval has to be whole minutes, 1 to 480, got 1.5 minutes; give Duration_Minutes":              every(awscdk.Duration_Seconds(jsii.Number(90))),
		"Interval has to be whole minutes, 1 to 480, got 1440 minutes; give Duration_Minutes":             every(awscdk.Duration_Days(jsii.Number(1))),
		"MaxPerHour has to be a whole number, 1 to 60, got 0; leave InvocationLoggingGuardProps.Heal out": heals(0),
		"MaxPerHour has to be a whole number, 1 to 60, got 2.5; leave":                                    heals(2.5),
		"MaxPerHour has to be a whole number, 1 to 60, got 61; leave":                                     heals(61),
		"InvocationLoggingGuard needs InvocationLoggingGuardProps.Buckets[0], got nil; set it": guard(func(p *invocationlog.InvocationLoggingGuardProps) {
			p.Buckets = &[]auditstore.AuditBucket{nil}
		}),
		"InvocationLoggingGuard needs InvocationLoggingGuardProps.Keys[0], got nil; set it": guard(func(p *invocationlog.InvocationLoggingGuardProps) {
			p.Keys = &[]auditstore.AuditKey{nil}
		}),
		"Logging is of another Region, got eu-west-1 for a guard in us-east-1; make a guard in each account and Region": func() {
			elsewhere := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Elsewhere"), &awscdk.StackProps{
				Env: &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: jsii.String("us-east-1")},
			})
			invocationlog.NewInvocationLoggingGuard(elsewhere, jsii.String("Guard"), &invocationlog.InvocationLoggingGuardProps{Logging: logging, Topic: topic})
		},
		"FunctionProps.Code has to be a folder or zip file": guard(func(p *invocationlog.InvocationLoggingGuardProps) {
			p.Function = &invocationlog.FunctionProps{Code: awslambda.Code_FromInline(jsii.String("x"))}
		}),
		"Buckets and Keys are more than fit into the 4096 bytes": guard(func(p *invocationlog.InvocationLoggingGuardProps) {
			var keys []auditstore.AuditKey
			for i := range 60 {
				arn := fmt.Sprintf("arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-%012d", i)
				id := jsii.String(fmt.Sprint("Existing", i))
				keys = append(keys, auditstore.NewAuditKey(stack, jsii.String(fmt.Sprint("Key", i)), &auditstore.AuditKeyProps{
					ExistingKey: awskms.Key_FromKeyArn(stack, id, &arn),
				}))
			}
			p.Keys = &keys
		}),
	} {
		message := cdktest.Panics(t, misuse)
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/invocationlog: ")
	}
	message := cdktest.Panics(t, guard(func(p *invocationlog.InvocationLoggingGuardProps) {
		p.Interval = awscdk.Duration_Seconds(jsii.Number(1))
		p.Heal = &invocationlog.HealProps{MaxPerHour: jsii.Number(-1)}
	}))
	assert.Len(t, strings.Split(message, "\n"), 2, "both problems: %s", message)
}
