package ledger

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// makeFill makes the state machine with its logs, and the schedules.
func (l *ledger) makeFill(p LedgerProps) {
	place := l.place()
	l.key.AllowCloudWatchLogs(jsii.String(place.StackName + "-*"))
	logs := awslogs.NewLogGroup(l, jsii.String("FillLogs"), &awslogs.LogGroupProps{
		EncryptionKey: l.key.Key(),
		Retention:     awslogs.RetentionDays_ONE_YEAR,
		RemovalPolicy: p.RemovalPolicy,
	})
	name := l.fillGroup.name
	// The name is literal so that the roles' trust policies can name the state
	// machine, which names its role.
	l.machineArn = place.Arn("states", "stateMachine:"+name)
	l.role = l.newFillRole()
	runs := fill{
		partition:     place.Partition,
		database:      *l.tables.DatabaseName(),
		workGroup:     l.fillGroup.name,
		machineArn:    *l.machineArn,
		location:      "s3://" + *l.store.ledger.BucketName() + "/" + l.folder(),
		lookBackHours: int(*p.LookBackHours),
		rates:         p.Rates,
		events:        !misuse.IsNil(l.tables.Trail()),
	}
	misuse.PanicAll(runs.problems())
	l.machine = awsstepfunctions.NewCfnStateMachine(l, jsii.String("Fill"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineName: &name,
		StateMachineType: jsii.String("STANDARD"),
		RoleArn:          l.role.RoleArn(),
		DefinitionString: jsii.String(runs.definition()),
		LoggingConfiguration: &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
			Level: jsii.String("ALL"),
			// Data of executions is SQL, counts and Athena's errors.
			IncludeExecutionData: jsii.Bool(true),
			Destinations: []any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
				CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{
					LogGroupArn: logs.LogGroupArn(),
				},
			}},
		},
		TracingConfiguration: &awsstepfunctions.CfnStateMachine_TracingConfigurationProperty{Enabled: jsii.Bool(true)},
	})
	l.machine.Node().AddDependency(l.tables)
	l.schedule(int(*p.LookBackHours))
}

// fillMinute is when an hour's records have been delivered: Amazon Bedrock
// delivers to Amazon S3 in batches of some minutes.
const fillMinute = 25

// maintenanceHour is the hour, in UTC, of the run that looks further back.
const maintenanceHour = 3

// schedule starts the state machine every hour. The hour of the daily run has no
// other one, so the two do not meet.
func (l *ledger) schedule(lookBackHours int) {
	place := l.place()
	name := l.fillGroup.name
	group := awsscheduler.NewCfnScheduleGroup(l, jsii.String("Schedules"), &awsscheduler.CfnScheduleGroupProps{Name: &name})
	role := awsiam.NewRole(l, jsii.String("ScheduleRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets EventBridge Scheduler start the fill of the ledger"),
		// The source is the group of schedules, by Scheduler's documentation
		// (user guide, "Confused deputy prevention").
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: place.SourceConditions(place.Arn("scheduler", "schedule-group/"+name)),
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Start": policies.Document(policies.Statement{
			Sid: "StartFill", Actions: []string{"states:StartExecution"}, Resources: []*string{l.machineArn},
		})},
	})
	every := func(id, description, hours, input string) {
		made := awsscheduler.NewCfnSchedule(l, jsii.String(id), &awsscheduler.CfnScheduleProps{
			Description:                jsii.String(description),
			GroupName:                  &name,
			ScheduleExpression:         jsii.String(fmt.Sprintf("cron(%d %s * * ? *)", fillMinute, hours)),
			ScheduleExpressionTimezone: jsii.String("UTC"),
			FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
			Target: &awsscheduler.CfnSchedule_TargetProperty{
				Arn:     l.machineArn,
				RoleArn: role.RoleArn(),
				Input:   &input,
				// A start that is half an hour late is the business of the next
				// one. That none comes is what the alarm on the lag is for.
				RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
					MaximumEventAgeInSeconds: jsii.Number(30 * 60),
					MaximumRetryAttempts:     jsii.Number(5),
				},
			},
		})
		made.AddResourceDependency(group, nil)
		made.AddResourceDependency(l.machine, nil)
	}
	every("Hourly", "Fills the ledger with the last hours",
		fmt.Sprintf("0-%d,%d-23", maintenanceHour-1, maintenanceHour+1), fmt.Sprintf(`{"hours": %d}`, lookBackHours))
	every("Daily", "Fills the ledger with what arrived late, joins small files and removes old snapshots",
		fmt.Sprint(maintenanceHour), fmt.Sprintf(`{"hours": %d, "maintain": true}`, dailyHours))
}

// newFillRole makes the role of the state machine. Athena acts with it, too.
func (l *ledger) newFillRole() awsiam.Role {
	place := l.place()
	raw := l.tables.Invocations()
	rawArn := *raw.Bucket().BucketArn()
	statements := []policies.Statement{
		{
			Sid: "RunQueries",
			Actions: []string{
				"athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "athena:StopQueryExecution",
			},
			Resources: []*string{l.fillGroup.arn(place)},
		},
		{
			Sid: "LookForOthers", Actions: []string{"states:ListExecutions"}, Resources: []*string{l.machineArn},
		},
		{
			// Step Functions user guide, "IAM policies for calling Athena".
			Sid: "UseCatalog", Actions: []string{"athena:GetDataCatalog"},
			Resources: []*string{place.Arn("athena", "datacatalog/AwsDataCatalog")},
		},
		l.readDefinitions("ReadDefinitions", slices.Concat(definedTables, []string{ledgersql.InvocationsTable, ledgersql.EventsTable})...),
		{
			Sid: "WriteDefinitions", Actions: []string{"glue:CreateTable", "glue:UpdateTable"},
			Resources: l.definitionArns(definedTables...),
		},
		{
			Sid:       "ReadRecords",
			Actions:   []string{"s3:GetObject"},
			Resources: []*string{jsii.String(rawArn + "/" + l.tables.recordsPrefix() + "*")},
		},
		{
			Sid:     "ListBuckets",
			Actions: []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
			Resources: []*string{
				&rawArn, l.store.ledger.BucketArn(), l.store.results.BucketArn(),
			},
		},
		{
			Sid:       "WriteLedger",
			Actions:   []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"},
			Resources: l.fileArns(),
		},
		l.results("WriteResults", l.fillGroup),
		l.useKey("UseLedgerKey", l.key.Key().KeyArn(), "kms:Decrypt", "kms:GenerateDataKey"),
		{
			Sid: "PublishMetrics", Actions: []string{"cloudwatch:PutMetricData"}, Resources: *policies.Strings("*"),
			Conditions: map[string]map[string]any{"StringEquals": {"cloudwatch:namespace": MetricNamespace}},
		},
		{
			// The actions have no resources. Step Functions developer guide, "Using
			// CloudWatch Logs to log execution history".
			Sid: "DeliverLogs",
			Actions: []string{
				"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
				"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
			},
			Resources: *policies.Strings("*"),
		},
		{
			Sid: "Trace",
			Actions: []string{
				"xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
			},
			Resources: *policies.Strings("*"),
		},
	}
	if key := raw.Key(); !misuse.IsNil(key) {
		statements = append(statements, l.useKey("UseRecordsKey", key.Key().KeyArn(), "kms:Decrypt"))
	}
	return awsiam.NewRole(l, jsii.String("FillRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets the state machine and Athena fill the ledger from the raw records"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: place.SourceConditions(l.machineArn),
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Fill": policies.Document(statements...)},
	})
}
