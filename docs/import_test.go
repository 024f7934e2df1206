package docs_test

import (
	"context"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/constructs/activitytrail"
	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/metadata"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// The functions below are the blocks of import.md, in its order.

func keysAndBuckets(stack awscdk.Stack, auditors awsiam.IGrantable) {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	bucket := auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{
		Key:                        key,
		ObjectLockDefaultRetention: awss3.ObjectLockRetention_Governance(awscdk.Duration_Days(jsii.Number(30))),
		BreakGlassPrincipalArn:     jsii.String("arn:aws:iam::111122223333:role/break-glass"),
	})
	bucket.AllowBedrockDelivery(nil)
	bucket.GrantAuditRead(auditors)
}

func modelCalls(stack awscdk.Stack, application constructs.Construct) {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	logging := invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		LogGroup: invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{
			Key:                   key,
			MaskedDataIdentifiers: jsii.Strings("EmailAddress"),
		}),
		Bucket:       auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{Key: key}),
		DataDelivery: &invocationlog.DataDelivery{Video: jsii.Bool(false)},
		OnExisting:   invocationlog.OnExisting_ADOPT,
	})
	application.Node().AddDependency(logging)
}

func activity(stack awscdk.Stack, prompts auditstore.AuditBucket, auditors awsiam.IGrantable) {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	trail := activitytrail.NewActivityTrail(stack, jsii.String("Trail"), &activitytrail.ActivityTrailProps{
		Key:              key,
		DataEventBuckets: &[]awss3.IBucket{prompts.Bucket()},
	})
	trail.GrantAuditRead(auditors)
}

func alarms(stack awscdk.Stack, logGroup invocationlog.InvocationLogGroup) {
	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		Key:            auditstore.NewAuditKey(stack, jsii.String("Key"), nil),
		EmailAddresses: jsii.Strings("admin@example.com"),
	})
	throttling := alerting.NewThrottlingAlarm(stack, jsii.String("Throttling"), &alerting.ThrottlingAlarmProps{
		InvocationLogGroup: logGroup.LogGroup(),
		Topic:              topic,
		Threshold:          jsii.Number(10),
	})
	throttling.MetricThrottles(nil) // for a dashboard of your own
}

func singleAlarm(stack awscdk.Stack, topic alerting.AlertTopic) {
	factory := alerting.NewAlarmFactory(stack, jsii.String("AlarmFactory"), &alerting.AlarmFactoryProps{Critical: topic})
	alerting.NewErrorAlarms(stack, jsii.String("Errors"), &alerting.ErrorAlarmsProps{
		Alarms:   factory,
		Models:   &[]*alerting.WatchedModel{{ModelID: jsii.String("eu.amazon.nova-pro-v1:0")}},
		Warning:  &alerting.ErrorThreshold{MaxLatency: awscdk.Duration_Seconds(jsii.Number(30))},
		Critical: &alerting.ErrorThreshold{MaxServerErrorPercent: jsii.Number(10), MinCalls: jsii.Number(50)},
	})
}

func allAlarms(stack awscdk.Stack, topic alerting.AlertTopic, logGroup invocationlog.InvocationLogGroup, key auditstore.AuditKey, prompts auditstore.AuditBucket, trail activitytrail.ActivityTrail) {
	factory := alerting.NewAlarmFactory(stack, jsii.String("AlarmFactory"), &alerting.AlarmFactoryProps{
		Critical: topic, // Warning: another one, for what can wait
	})
	alerting.NewAuditAlarms(stack, jsii.String("AuditAlarms"), &alerting.AuditAlarmsProps{
		Alarms:             factory,
		InvocationLogGroup: logGroup.LogGroup(),
		TrailLogGroup:      trail.LogGroup(),
		Models:             &[]*alerting.WatchedModel{{ModelID: jsii.String("eu.amazon.nova-pro-v1:0")}},
		Kinds: &alerting.AuditAlarmKinds{
			Tamper: &alerting.TamperRulesProps{
				TrailNames: &[]*string{trail.TrailName()},
				Buckets:    &[]awss3.IBucket{prompts.Bucket(), trail.Bucket().Bucket()},
				Keys:       &[]awskms.IKey{key.Key()},
				LogGroups:  &[]awslogs.ILogGroup{logGroup.LogGroup(), trail.LogGroup()},
				RoleNames:  jsii.Strings("my-stack-*"), // CloudFormation begins their names so
			},
		},
	})
	alerting.NewAuditDashboard(stack, jsii.String("Dashboard"), &alerting.AuditDashboardProps{
		InvocationLogGroup: logGroup.LogGroup(),
		TrailLogGroup:      trail.LogGroup(),
		AlarmArns:          factory.AlarmArns(),
	})
}

func inChat(stack awscdk.Stack, key auditstore.AuditKey, alarms alerting.AlarmFactory, critical, warning alerting.AlertTopic) {
	chat := alerting.NewAlertTopic(stack, jsii.String("ChatTopic"), &alerting.AlertTopicProps{Key: key})
	alerting.NewTamperRules(stack, jsii.String("Tamper"), &alerting.TamperRulesProps{Alarms: alarms, ChatTopic: chat})
	alerting.NewChatChannel(stack, jsii.String("Chat"), &alerting.ChatChannelProps{
		Topics: &[]alerting.AlertTopic{critical, warning, chat},
		Slack:  &alerting.SlackChannel{WorkspaceID: jsii.String("T0123456789"), ChannelID: jsii.String("C0123456789")},
	})
}

func guard(stack awscdk.Stack, topic alerting.AlertTopic, logging invocationlog.InvocationLogging, trail activitytrail.ActivityTrail) {
	invocationlog.NewInvocationLoggingGuard(stack, jsii.String("Guard"), &invocationlog.InvocationLoggingGuardProps{
		Logging: logging,
		Topic:   topic.Topic(),
		Trail:   trail.Trail(),
		Buckets: &[]auditstore.AuditBucket{trail.Bucket()},
	})
}

func costTags(stack awscdk.Stack) {
	attribution.NewCostTags(stack, jsii.String("CostTags"), &attribution.CostTagsProps{
		Project:     jsii.String("assistant"),
		Environment: jsii.String("prod"),
		Owner:       jsii.String("platform@example.com"),
		CostCenter:  jsii.String("4711"),
	})
}

func whoPays(stack awscdk.Stack, topic alerting.AlertTopic, application awsiam.IGrantable) *string {
	model := jsii.String("eu.amazon.nova-pro-v1:0")
	profiles := attribution.NewInferenceProfiles(stack, jsii.String("Profiles"), &attribution.InferenceProfilesProps{
		Profiles: &[]*attribution.InferenceProfile{{Project: jsii.String("assistant"), Model: model}},
	})
	profiles.GrantInvoke(application, jsii.String("assistant")) // these profiles, and nothing else
	modelID := profiles.Profile(jsii.String("assistant"), model).AttrInferenceProfileArn()

	attribution.NewSpendBudget(stack, jsii.String("Budget"), &attribution.SpendBudgetProps{
		Topic:        topic,
		MonthlyLimit: jsii.Number(2000), // US dollars
		TagKey:       jsii.String("project"),
		TagValue:     jsii.String("assistant"),
	})
	attribution.NewCostTagActivation(stack, jsii.String("CostTagActivation"), nil)
	return modelID
}

func askTheLedger(stack awscdk.Stack, prompts auditstore.AuditBucket, profiles attribution.InferenceProfiles, finance, auditors awsiam.IGrantable) {
	calls := ledger.NewLedger(stack, jsii.String("Ledger"), &ledger.LedgerProps{
		Tables: ledger.NewTables(stack, jsii.String("Tables"), &ledger.TablesProps{Invocations: prompts}),
		Key:    auditstore.NewAuditKey(stack, jsii.String("LedgerKey"), nil), // never that of the prompts
		Rates:  record.Rates().WithAliases(profiles.Models()),                // prices calls through them
	})
	calls.GrantLedgerRead(finance)
	calls.GrantAuditRead(auditors)
}

func requestMetadata(ctx context.Context, cfg aws.Config, key []byte, input *bedrockruntime.ConverseInput) error {
	client := bedrockruntime.NewFromConfig(cfg,
		metadata.WithRequestMetadata(metadata.Require(metadata.UserID, metadata.TaskType)))

	user, err := metadata.Pseudonymise(key, "ann") // key: 32 secret random bytes
	if err != nil {
		return err
	}
	ctx = metadata.NewContext(ctx, metadata.Request{UserID: user, TaskType: "summarise-contract"})
	_, err = client.Converse(ctx, input)
	return err
}

// Only compiled: package metadata has tests of its own for what it sends.
var _ = requestMetadata

func existingResources(stack awscdk.Stack) (auditstore.AuditBucket, invocationlog.InvocationLogGroup, alerting.AlertTopic) {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{
		ExistingKey: awskms.Key_FromKeyArn(stack, jsii.String("TheirKey"), jsii.String("arn:aws:kms:eu-west-1:111122223333:key/0f0e0d0c")),
	})
	bucket := auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{
		Key:            key,
		ExistingBucket: awss3.Bucket_FromBucketName(stack, jsii.String("TheirBucket"), jsii.String("their-bucket")),
	})
	logGroup := invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{
		Key:              key,
		ExistingLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("TheirLogGroup"), jsii.String("/their/log-group")),
	})
	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		ExistingTopic: awssns.Topic_FromTopicArn(stack, jsii.String("TheirTopic"), jsii.String("arn:aws:sns:eu-west-1:111122223333:their-topic")),
	})
	return bucket, logGroup, topic
}

func withoutBootstrapRoles(stack awscdk.Stack) {
	deployers := jsii.Strings("arn:aws:iam::111122223333:role/deployer")
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{DeployPrincipalArns: deployers})
	auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{
		Key:                 key,
		DeployPrincipalArns: deployers,
	})
}

func wholeEnvironment(app awscdk.App) error {
	file, err := config.Load("environments.yaml")
	if err != nil {
		return err
	}
	environment, err := file.Select("prod")
	if err != nil {
		return err
	}
	stacks.NewEnvironment(app, environment, nil)
	return nil
}

func prebuiltFunction(stack awscdk.Stack, bucket auditstore.AuditBucket) {
	invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		Bucket: bucket,
		Function: &invocationlog.FunctionProps{
			Code:         awslambda.Code_FromAsset(jsii.String("build"), nil),
			Architecture: awslambda.Architecture_ARM_64(),
		},
	})
}

// Only compiled: the folder "build" is the reader's.
var _ = prebuiltFunction

func TestImportPageSynthesises(t *testing.T) {
	for name, run := range map[string]struct {
		build func(awscdk.Stack)
		want  string
	}{
		"keys and buckets": {func(s awscdk.Stack) { keysAndBuckets(s, role(s)) }, "AWS::S3::Bucket"},
		"model calls":      {func(s awscdk.Stack) { modelCalls(s, role(s)) }, invocationlog.ResourceType},
		"activity":         {func(s awscdk.Stack) { activity(s, bucket(s), role(s)) }, "AWS::CloudTrail::Trail"},
		"alarms":           {func(s awscdk.Stack) { alarms(s, logGroup(s)) }, "AWS::CloudWatch::CompositeAlarm"},
		"single alarm":     {func(s awscdk.Stack) { singleAlarm(s, topic(s)) }, "AWS::CloudWatch::Alarm"},
		"all alarms": {func(s awscdk.Stack) {
			allAlarms(s, topic(s), logGroup(s), auditstore.NewAuditKey(s, jsii.String("Key"), nil), bucket(s), trail(s))
			for _, warning := range cdktest.Warnings(s) {
				assert.NotContains(t, warning, "paper-trail:AuditAlarms")
			}
		}, "AWS::CloudWatch::Dashboard"},
		"in chat": {func(s awscdk.Stack) {
			key, critical := auditstore.NewAuditKey(s, jsii.String("Key"), nil), topic(s)
			warning := alerting.NewAlertTopic(s, jsii.String("Warning"), &alerting.AlertTopicProps{Key: key})
			factory := alerting.NewAlarmFactory(s, jsii.String("AlarmFactory"), &alerting.AlarmFactoryProps{Critical: critical})
			inChat(s, key, factory, critical, warning)
		}, "AWS::Chatbot::SlackChannelConfiguration"},
		"guard": {func(s awscdk.Stack) {
			logging := invocationlog.NewInvocationLogging(s, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{Bucket: bucket(s)})
			guard(s, topic(s), logging, trail(s))
		}, "AWS::Events::Rule"},
		"who pays": {func(s awscdk.Stack) { whoPays(s, topic(s), role(s)) }, "AWS::Budgets::Budget"},
		"ledger": {func(s awscdk.Stack) {
			profiles := attribution.NewInferenceProfiles(s, jsii.String("Profiles"), &attribution.InferenceProfilesProps{
				Profiles: &[]*attribution.InferenceProfile{{Project: jsii.String("assistant"), Model: jsii.String("amazon.nova-pro-v1:0")}},
			})
			askTheLedger(s, bucket(s), profiles, role(s), awsiam.NewUser(s, jsii.String("Auditor"), nil))
		}, "AWS::StepFunctions::StateMachine"},
		"cost tags": {func(s awscdk.Stack) { costTags(s); role(s) }, "AWS::IAM::Role"},
		"existing resources": {func(s awscdk.Stack) {
			bucket, logGroup, topic := existingResources(s)
			bucket.AllowBedrockDelivery(nil)
			alerting.NewThrottlingAlarm(s, jsii.String("Throttling"), &alerting.ThrottlingAlarmProps{InvocationLogGroup: logGroup.LogGroup(), Topic: topic})
		}, "AWS::CloudWatch::CompositeAlarm"},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.NewStack(t)
			run.build(stack)
			assert.NotEmpty(t, cdktest.Synth(t, stack).OfType(run.want))
		})
	}
}

func TestImportPageSynthesisesWithoutBootstrapRoles(t *testing.T) {
	stack := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Test"), &awscdk.StackProps{
		Synthesizer: awscdk.NewCliCredentialsStackSynthesizer(nil),
	})
	withoutBootstrapRoles(stack)
	_, key := cdktest.Synth(t, stack).Only(t, "AWS::KMS::Key", "")
	assert.Contains(t, cdktest.JSON(t, key.Properties["KeyPolicy"]), "role/deployer")
}

func TestImportPageSynthesisesTheWholeEnvironment(t *testing.T) {
	t.Chdir("..")
	require.NoError(t, wholeEnvironment(cdktest.NewApp(t)))
}

func role(stack awscdk.Stack) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
}

func bucket(stack awscdk.Stack) auditstore.AuditBucket {
	return auditstore.NewAuditBucket(stack, jsii.String("Bucket"), &auditstore.AuditBucketProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("BucketKey"), nil),
	})
}

func logGroup(stack awscdk.Stack) invocationlog.InvocationLogGroup {
	return invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("LogGroupKey"), nil),
	})
}

func topic(stack awscdk.Stack) alerting.AlertTopic {
	return alerting.NewAlertTopic(stack, jsii.String("Topic"), &alerting.AlertTopicProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("TopicKey"), nil),
	})
}

func trail(stack awscdk.Stack) activitytrail.ActivityTrail {
	return activitytrail.NewActivityTrail(stack, jsii.String("ActivityTrail"), &activitytrail.ActivityTrailProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("TrailKey"), nil),
	})
}
