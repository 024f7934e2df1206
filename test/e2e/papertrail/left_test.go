package papertrail_test

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/require"
)

// left names everything in a Region, and in IAM and S3 everywhere, that is of a
// type the stacks make and not of the bootstrap: its type and its physical id.
func (e *environment) left(region string) []string {
	e.Helper()
	var names []string
	for kind, list := range kinds {
		for _, id := range withoutCDK(list(e, region)) {
			names = append(names, kind+" "+id)
		}
	}
	return names
}

// seen expects left to find every resource of the stacks, without which an empty
// answer after their end would mean nothing.
func (e *environment) seen(region string, stacks ...string) {
	e.Helper()
	left := e.left(region)
	var unseen []string
	for _, stack := range stacks {
		answer, err := e.formation(region).DescribeStackResources(e.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &stack})
		require.NoError(e, err)
		for _, resource := range answer.StackResources {
			name := *resource.ResourceType + " " + *resource.PhysicalResourceId
			if !slices.Contains(parts, *resource.ResourceType) && !slices.Contains(left, name) {
				unseen = append(unseen, name)
			}
		}
	}
	require.Empty(e, unseen, "what the stacks have in %s and kinds does not list", region)
}

// parts are the types of resources that are a part of another or, as the logging
// configuration, have a look of their own.
var parts = []string{
	"AWS::CDK::Metadata",
	"AWS::IAM::Policy",
	"AWS::Lambda::EventInvokeConfig",
	"AWS::Lambda::Permission",
	"AWS::S3::BucketPolicy",
	"AWS::SNS::TopicPolicy",
	"Custom::BedrockInvocationLogging",
}

// kinds lists the physical ids of a Region's resources by their type.
var kinds = map[string]func(e *environment, region string) []string{
	"AWS::Athena::NamedQuery": func(e *environment, region string) []string {
		answer, err := athena.NewFromConfig(e.stand.Config(region)).ListNamedQueries(e.Context(), &athena.ListNamedQueriesInput{})
		require.NoError(e, err)
		return answer.NamedQueryIds
	},
	"AWS::Athena::WorkGroup": func(e *environment, region string) (names []string) {
		answer, err := athena.NewFromConfig(e.stand.Config(region)).ListWorkGroups(e.Context(), &athena.ListWorkGroupsInput{})
		require.NoError(e, err)
		for _, group := range answer.WorkGroups {
			if *group.Name != "primary" { // every account has it
				names = append(names, *group.Name)
			}
		}
		return names
	},
	"AWS::Bedrock::ApplicationInferenceProfile": func(e *environment, region string) (arns []string) {
		for _, profile := range e.profiles(region) {
			arns = append(arns, *profile.InferenceProfileArn)
		}
		return arns
	},
	"AWS::Budgets::Budget": func(e *environment, _ string) (names []string) {
		for _, budget := range e.budgets() {
			names = append(names, *budget.BudgetName)
		}
		return names
	},
	"AWS::CloudTrail::Trail": func(e *environment, region string) (names []string) {
		answer, err := cloudtrail.NewFromConfig(e.stand.Config(region)).DescribeTrails(e.Context(), &cloudtrail.DescribeTrailsInput{})
		require.NoError(e, err)
		for _, trail := range answer.TrailList {
			names = append(names, *trail.Name)
		}
		return names
	},
	"AWS::CloudWatch::Alarm": func(e *environment, region string) (names []string) {
		answer, err := cloudwatch.NewFromConfig(e.stand.Config(region)).DescribeAlarms(e.Context(), &cloudwatch.DescribeAlarmsInput{})
		require.NoError(e, err)
		for _, alarm := range answer.MetricAlarms {
			names = append(names, *alarm.AlarmName)
		}
		return names
	},
	"AWS::CloudWatch::CompositeAlarm": func(e *environment, region string) (names []string) {
		answer, err := cloudwatch.NewFromConfig(e.stand.Config(region)).DescribeAlarms(e.Context(), &cloudwatch.DescribeAlarmsInput{
			AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm}, // only metric alarms when nothing is said
		})
		require.NoError(e, err)
		for _, alarm := range answer.CompositeAlarms {
			names = append(names, *alarm.AlarmName)
		}
		return names
	},
	"AWS::CloudWatch::Dashboard": func(e *environment, region string) (names []string) {
		answer, err := cloudwatch.NewFromConfig(e.stand.Config(region)).ListDashboards(e.Context(), &cloudwatch.ListDashboardsInput{})
		require.NoError(e, err)
		for _, dashboard := range answer.DashboardEntries {
			names = append(names, *dashboard.DashboardName)
		}
		return names
	},
	"AWS::Events::Rule": func(e *environment, region string) (names []string) {
		answer, err := eventbridge.NewFromConfig(e.stand.Config(region)).ListRules(e.Context(), &eventbridge.ListRulesInput{})
		require.NoError(e, err)
		for _, rule := range answer.Rules {
			names = append(names, *rule.Name)
		}
		return names
	},
	"AWS::Glue::Database": func(e *environment, region string) []string { return e.databases(region) },
	"AWS::Glue::Table": func(e *environment, region string) (names []string) {
		for _, database := range e.databases(region) {
			answer, err := glue.NewFromConfig(e.stand.Config(region)).GetTables(e.Context(), &glue.GetTablesInput{DatabaseName: &database})
			require.NoError(e, err)
			for _, table := range answer.TableList {
				names = append(names, *table.Name)
			}
		}
		return names
	},
	"AWS::IAM::Role": func(e *environment, region string) (names []string) {
		answer, err := iam.NewFromConfig(e.stand.Config(region)).ListRoles(e.Context(), &iam.ListRolesInput{})
		require.NoError(e, err)
		for _, role := range answer.Roles {
			names = append(names, *role.RoleName)
		}
		return names
	},
	// A key that waits for its deletion is gone.
	"AWS::KMS::Key": func(e *environment, region string) (ids []string) {
		client := kms.NewFromConfig(e.stand.Config(region))
		answer, err := client.ListKeys(e.Context(), &kms.ListKeysInput{})
		require.NoError(e, err)
		for _, entry := range answer.Keys {
			key, err := client.DescribeKey(e.Context(), &kms.DescribeKeyInput{KeyId: entry.KeyId})
			require.NoError(e, err)
			if key.KeyMetadata.KeyState != kmstypes.KeyStatePendingDeletion {
				ids = append(ids, *entry.KeyId)
			}
		}
		return ids
	},
	"AWS::Lambda::Function": func(e *environment, region string) (names []string) {
		answer, err := lambda.NewFromConfig(e.stand.Config(region)).ListFunctions(e.Context(), &lambda.ListFunctionsInput{})
		require.NoError(e, err)
		for _, function := range answer.Functions {
			names = append(names, *function.FunctionName)
		}
		return names
	},
	"AWS::Logs::LogGroup": func(e *environment, region string) []string { return e.logGroups(region) },
	"AWS::Logs::MetricFilter": func(e *environment, region string) (names []string) {
		answer, err := cloudwatchlogs.NewFromConfig(e.stand.Config(region)).DescribeMetricFilters(e.Context(), &cloudwatchlogs.DescribeMetricFiltersInput{})
		require.NoError(e, err)
		for _, filter := range answer.MetricFilters {
			names = append(names, *filter.FilterName)
		}
		return names
	},
	"AWS::Logs::QueryDefinition": func(e *environment, region string) (ids []string) {
		answer, err := cloudwatchlogs.NewFromConfig(e.stand.Config(region)).DescribeQueryDefinitions(e.Context(), &cloudwatchlogs.DescribeQueryDefinitionsInput{})
		require.NoError(e, err)
		for _, query := range answer.QueryDefinitions {
			ids = append(ids, *query.QueryDefinitionId)
		}
		return ids
	},
	"AWS::S3::Bucket": func(e *environment, region string) (names []string) {
		answer, err := e.s3(region).ListBuckets(e.Context(), &s3.ListBucketsInput{})
		require.NoError(e, err)
		for _, bucket := range answer.Buckets {
			names = append(names, *bucket.Name)
		}
		return names
	},
	"AWS::SNS::Subscription": func(e *environment, region string) (arns []string) {
		answer, err := sns.NewFromConfig(e.stand.Config(region)).ListSubscriptions(e.Context(), &sns.ListSubscriptionsInput{})
		require.NoError(e, err)
		for _, subscription := range answer.Subscriptions {
			arns = append(arns, *subscription.SubscriptionArn)
		}
		return arns
	},
	"AWS::SNS::Topic": func(e *environment, region string) (arns []string) {
		answer, err := sns.NewFromConfig(e.stand.Config(region)).ListTopics(e.Context(), &sns.ListTopicsInput{})
		require.NoError(e, err)
		for _, topic := range answer.Topics {
			arns = append(arns, *topic.TopicArn)
		}
		return arns
	},
	"AWS::SSM::Parameter": func(e *environment, region string) []string { return e.parameters(region) },
	"AWS::Scheduler::Schedule": func(e *environment, region string) (names []string) {
		answer, err := scheduler.NewFromConfig(e.stand.Config(region)).ListSchedules(e.Context(), &scheduler.ListSchedulesInput{})
		require.NoError(e, err)
		for _, schedule := range answer.Schedules {
			names = append(names, *schedule.Name)
		}
		return names
	},
	"AWS::Scheduler::ScheduleGroup": func(e *environment, region string) (names []string) {
		answer, err := scheduler.NewFromConfig(e.stand.Config(region)).ListScheduleGroups(e.Context(), &scheduler.ListScheduleGroupsInput{})
		require.NoError(e, err)
		for _, group := range answer.ScheduleGroups {
			if *group.Name != "default" { // every account has it
				names = append(names, *group.Name)
			}
		}
		return names
	},
	"AWS::StepFunctions::StateMachine": func(e *environment, region string) (arns []string) {
		answer, err := sfn.NewFromConfig(e.stand.Config(region)).ListStateMachines(e.Context(), &sfn.ListStateMachinesInput{})
		require.NoError(e, err)
		for _, machine := range answer.StateMachines {
			arns = append(arns, *machine.StateMachineArn)
		}
		return arns
	},
}

// databases are the names of a Region's Glue databases.
func (e *environment) databases(region string) (names []string) {
	e.Helper()
	answer, err := glue.NewFromConfig(e.stand.Config(region)).GetDatabases(e.Context(), &glue.GetDatabasesInput{})
	require.NoError(e, err)
	for _, database := range answer.DatabaseList {
		names = append(names, *database.Name)
	}
	return names
}
