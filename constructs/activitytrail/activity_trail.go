package activitytrail

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// DefaultTrailName is the trail's name unless another is given.
const DefaultTrailName = "paper-trail"

// ActivityTrail is a multi-Region CloudTrail trail with log-file validation,
// encrypted with an AuditKey, delivered to an AuditBucket and to a log group.
type ActivityTrail interface {
	constructs.Construct
	// Trail is the CloudTrail trail.
	Trail() awscloudtrail.CfnTrail
	// TrailArn is the trail's ARN.
	TrailArn() *string
	// TrailName is the trail's name, a literal.
	TrailName() *string
	// Bucket keeps the log files and digests.
	Bucket() auditstore.AuditBucket
	// LogGroup receives the events within minutes, for metric filters.
	LogGroup() awslogs.ILogGroup
	// GrantAuditRead lets grantee read the events in the bucket and in the log
	// group, and decrypt them.
	GrantAuditRead(grantee awsiam.IGrantable) awsiam.Grant
}

// ActivityTrailProps configures an ActivityTrail.
type ActivityTrailProps struct {
	// Key encrypts log files, log group and, where it is made here, bucket.
	// Required.
	Key auditstore.AuditKey
	// Bucket keeps the log files. Default: an AuditBucket with Key is made.
	Bucket auditstore.AuditBucket
	// TrailName names the trail and its log group, /aws/cloudtrail/<TrailName>.
	// 3 to 128 letters, digits, periods, underscores and dashes; a literal, for
	// the policies of bucket and key name the trail before it exists. Another
	// name makes another trail. Default: DefaultTrailName.
	TrailName *string
	// LogRetention is how long the log group keeps events.
	// Default: SEVEN_YEARS, which is 2557 days.
	LogRetention awslogs.RetentionDays
	// DataEventTypes are the resource types whose data events are logged; each
	// event is billed. Default: BedrockDataEventTypes.
	DataEventTypes *[]*string
	// DataEventBuckets are buckets whose object reads are logged, each read
	// billed: those that hold prompts. Calls that delete their objects or change
	// the lock of one are logged too, as they are of the trail's own bucket. The trail's own bucket is refused, since
	// its deliveries would be events for it to deliver. Default: none.
	DataEventBuckets *[]awss3.IBucket
	// InsightsEnabled has CloudTrail report unusual rates of calls and errors,
	// which is billed by the events it analyses. Default: false.
	InsightsEnabled *bool
	// RemovalPolicy says what becomes of the trail, its log group and, if it is
	// made here, its bucket when they leave the stack. RETAIN leaves the trail
	// recording. DESTROY adds a warning, turns the log group's deletion
	// protection off, and needs a Bucket, because the bucket made here is locked
	// in COMPLIANCE mode. Default: RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

type activityTrail struct {
	constructs.Construct
	trail    awscloudtrail.CfnTrail
	name     *string
	bucket   auditstore.AuditBucket
	key      auditstore.AuditKey
	logGroup awslogs.ILogGroup
}

var _ ActivityTrail = (*activityTrail)(nil)

// NewActivityTrail makes a trail that is logging as soon as it exists.
//
// It panics on a missing key, on a name or resource type that CloudTrail would
// refuse, on its own bucket among DataEventBuckets and on DESTROY without a
// Bucket; all problems are in one message.
func NewActivityTrail(scope constructs.Construct, id *string, props *ActivityTrailProps) ActivityTrail {
	misuse.RequireScope(pkg, "ActivityTrail", scope, id)
	p := ActivityTrailProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "ActivityTrail", "Key", p.Key)
	if p.TrailName == nil {
		p.TrailName = jsii.String(DefaultTrailName)
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	if p.LogRetention == "" {
		p.LogRetention = awslogs.RetentionDays_SEVEN_YEARS
	}
	destroy := p.RemovalPolicy == awscdk.RemovalPolicy_DESTROY
	dataEventTypes := BedrockDataEventTypes()
	if p.DataEventTypes != nil {
		dataEventTypes = nil
		for i, resourceType := range *p.DataEventTypes {
			misuse.Require(pkg, "ActivityTrail", fmt.Sprintf("DataEventTypes[%d]", i), resourceType)
			dataEventTypes = append(dataEventTypes, *resourceType)
		}
	}
	var audited []awss3.IBucket
	if p.DataEventBuckets != nil {
		audited = *p.DataEventBuckets
	}
	var objectPrefixes []string
	for i, bucket := range audited {
		misuse.Require(pkg, "ActivityTrail", fmt.Sprintf("DataEventBuckets[%d]", i), bucket)
		objectPrefixes = append(objectPrefixes, *bucket.BucketArn()+"/")
	}
	problems := selectorProblems(dataEventTypes, selectors(dataEventTypes, objectPrefixes, "own"))
	if problem := trailNameProblem(*p.TrailName); problem != nil {
		problems = append(problems, problem)
	}
	if p.Bucket != nil {
		for _, bucket := range audited {
			if same(bucket, p.Bucket.Bucket()) {
				problems = append(problems, misuse.Errorf(pkg, "ActivityTrailProps.DataEventBuckets holds the trail's own bucket, got %q; remove it, or the trail logs its own deliveries without end", *bucket.Node().Path()))
			}
		}
	} else if destroy {
		problems = append(problems, misuse.Errorf(pkg, "ActivityTrailProps.RemovalPolicy is DESTROY without a Bucket, got the default bucket, which is locked in COMPLIANCE mode and cannot be deleted; set Bucket to one in GOVERNANCE mode, or use RETAIN"))
	}
	misuse.PanicAll(problems)

	this := &activityTrail{name: p.TrailName, bucket: p.Bucket, key: p.Key}
	constructs.NewConstruct_Override(this, scope, id)
	if destroy {
		misuse.Warn(this, "ActivityTrail.destroy",
			"The trail and its log group go with the stack (RemovalPolicy DESTROY), and without deletion protection whoever may delete the log group can do so.")
	}
	if this.bucket == nil {
		this.bucket = auditstore.NewAuditBucket(this, jsii.String("Bucket"), &auditstore.AuditBucketProps{Key: p.Key})
	}
	this.bucket.AllowCloudTrailDelivery(p.TrailName)
	p.Key.AllowCloudTrail(p.TrailName) // the bucket may have another key

	logGroupName := "/aws/cloudtrail/" + *p.TrailName
	p.Key.AllowCloudWatchLogs(&logGroupName)
	this.logGroup = awslogs.NewLogGroup(this, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		LogGroupName:              &logGroupName,
		EncryptionKey:             p.Key.Key(),
		Retention:                 p.LogRetention,
		DeletionProtectionEnabled: jsii.Bool(p.RemovalPolicy == awscdk.RemovalPolicy_RETAIN),
		RemovalPolicy:             p.RemovalPolicy,
	})
	role := this.newDeliveryRole(logGroupName)
	this.trail = awscloudtrail.NewCfnTrail(this, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
		TrailName:                  p.TrailName,
		IsLogging:                  jsii.Bool(true),
		IsMultiRegionTrail:         jsii.Bool(true),
		IncludeGlobalServiceEvents: jsii.Bool(true),
		EnableLogFileValidation:    jsii.Bool(true),
		S3BucketName:               this.bucket.Bucket().BucketName(),
		KmsKeyId:                   p.Key.Key().KeyArn(),
		CloudWatchLogsLogGroupArn:  this.logGroup.LogGroupArn(),
		CloudWatchLogsRoleArn:      role.RoleArn(),
		AdvancedEventSelectors:     resources(selectors(dataEventTypes, objectPrefixes, *this.bucket.Bucket().BucketArn()+"/")),
		InsightSelectors:           insights(p.InsightsEnabled),
	})
	if !destroy {
		// Not kept is a trail whose first deployment is rolled back: its name
		// would be in the way of the next one.
		this.trail.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
		role.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	}
	// CloudTrail tests the bucket when the trail is made, and no reference of
	// the trail waits for the bucket's policy.
	this.trail.Node().AddDependency(this.bucket.DeliveryReady())
	return this
}

func (a *activityTrail) Trail() awscloudtrail.CfnTrail  { return a.trail }
func (a *activityTrail) TrailArn() *string              { return a.trail.AttrArn() }
func (a *activityTrail) TrailName() *string             { return a.name }
func (a *activityTrail) Bucket() auditstore.AuditBucket { return a.bucket }
func (a *activityTrail) LogGroup() awslogs.ILogGroup    { return a.logGroup }

func (a *activityTrail) GrantAuditRead(grantee awsiam.IGrantable) awsiam.Grant {
	return a.bucket.GrantAuditRead(grantee).
		Combine(policies.At(a).GrantLogReading(grantee, *a.logGroup.LogGroupName())).
		Combine(a.key.GrantDecrypt(grantee))
}

// newDeliveryRole makes the role with which CloudTrail writes to the log group.
// Its policy is inline: a policy resource of its own could come after the
// trail, and CloudTrail tests the role when the trail is made.
func (a *activityTrail) newDeliveryRole(logGroupName string) awsiam.Role {
	place := policies.At(a)
	// CloudTrail names its streams after account and home Region (CloudTrail
	// user guide, "Role policy document for CloudTrail to use CloudWatch Logs").
	streams := place.Arn("logs", fmt.Sprintf("log-group:%s:log-stream:%s_CloudTrail_%s*", logGroupName, place.Account, place.Region))
	return awsiam.NewRole(a, jsii.String("DeliveryRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets CloudTrail write the events of trail " + *a.name + " to its log group"),
		// Without aws:SourceAccount and aws:SourceArn, as CloudTrail documents
		// this role: nothing says that it sends them here, and only who may pass
		// the role (iam:PassRole, this account's) can have CloudTrail assume it.
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"DeliverEvents": policies.Document(
				policies.Statement{
					Sid:       "WriteEvents",
					Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
					Resources: []*string{streams},
				},
				place.UseKeyThroughLogs("EncryptEvents", a.key.Key().KeyArn()),
			),
		},
	})
}

// same tells whether two constructs stand for one bucket. Names that only the
// deployment knows are not compared.
func same(a, b awss3.IBucket) bool {
	if *a.Node().Addr() == *b.Node().Addr() {
		return true
	}
	return !*awscdk.Token_IsUnresolved(a.BucketName()) && *a.BucketName() == *b.BucketName()
}

func resources(selected []selector) []any {
	var list []any
	for _, s := range selected {
		var fields []any
		for _, f := range s.fields {
			fields = append(fields, &awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{
				Field:      jsii.String(f.name),
				EqualTo:    stringsOrNil(f.equals),
				StartsWith: stringsOrNil(f.startsWith),
			})
		}
		list = append(list, &awscloudtrail.CfnTrail_AdvancedEventSelectorProperty{
			Name:           jsii.String(s.name),
			FieldSelectors: fields,
		})
	}
	return list
}

func stringsOrNil(values []string) *[]*string {
	if len(values) == 0 {
		return nil
	}
	return policies.Strings(values...)
}

func insights(enabled *bool) any {
	if enabled == nil || !*enabled {
		return nil
	}
	return []any{
		&awscloudtrail.CfnTrail_InsightSelectorProperty{InsightType: jsii.String("ApiCallRateInsight")},
		&awscloudtrail.CfnTrail_InsightSelectorProperty{InsightType: jsii.String("ApiErrorRateInsight")},
	}
}
