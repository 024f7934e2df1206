package invocationlog

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// guarded is what a guard has to know of a logging configuration.
type guarded struct {
	place policies.Place
	// registerParameter and owner say where the register has what was declared.
	registerParameter, owner string
	// functionRole is that of the custom resource's function; loggingRole, nil
	// without a log group, is what Bedrock writes with.
	functionRole, loggingRole awsiam.IRole
	buckets                   []auditstore.AuditBucket
	logGroup                  InvocationLogGroup
	key                       auditstore.AuditKey
	removal                   awscdk.RemovalPolicy
}

// guardSettings are what the function reads from its environment variable
// GUARD. ARNs and names may be tokens: their values hold nothing that JSON
// would have to escape.
type guardSettings struct {
	RegisterParameter string         `json:"registerParameter"`
	Owner             string         `json:"owner"`
	StateParameter    string         `json:"stateParameter"`
	TopicArn          string         `json:"topicArn"`
	HandlerRoleArn    string         `json:"handlerRoleArn"`
	HealsPerHour      int            `json:"healsPerHour"`
	Buckets           []lockedBucket `json:"buckets,omitempty"`
	TrailArn          string         `json:"trailArn,omitempty"`
	LogGroups         []keptLogGroup `json:"logGroups,omitempty"`
	Keys              []string       `json:"keys,omitempty"`

	bucketArns []*string
}

// lockedBucket is a bucket with the default retention it was declared with.
type lockedBucket struct {
	Name string  `json:"name"`
	Mode string  `json:"mode"`
	Days float64 `json:"days"`
}

// keptLogGroup is a log group with the retention and key it was declared with.
type keptLogGroup struct {
	Name          string  `json:"name"`
	RetentionDays float64 `json:"retentionDays"`
	KeyArn        string  `json:"keyArn,omitempty"`
}

// requireEntries panics on nil in the lists.
func (p InvocationLoggingGuardProps) requireEntries() {
	if p.Buckets != nil {
		for i, bucket := range *p.Buckets {
			misuse.Require(pkg, "InvocationLoggingGuard", fmt.Sprintf("Buckets[%d]", i), bucket)
		}
	}
	if p.Keys != nil {
		for i, key := range *p.Keys {
			misuse.Require(pkg, "InvocationLoggingGuard", fmt.Sprintf("Keys[%d]", i), key)
		}
	}
}

func (p InvocationLoggingGuardProps) settings(guarded guarded, limits guardLimits) guardSettings {
	s := guardSettings{
		RegisterParameter: guarded.registerParameter,
		Owner:             guarded.owner,
		TopicArn:          *p.Topic.TopicArn(),
		HandlerRoleArn:    *guarded.functionRole.RoleArn(),
		HealsPerHour:      int(limits.healsPerHour),
	}
	if p.Trail != nil {
		s.TrailArn = *p.Trail.AttrArn()
	}
	buckets := guarded.buckets
	if p.Buckets != nil {
		buckets = append(slices.Clip(buckets), *p.Buckets...)
	}
	for _, bucket := range buckets {
		s.addBucket(bucket)
	}
	if guarded.logGroup != nil {
		s.addLogGroup(guarded.logGroup)
	}
	if p.Keys != nil {
		for _, key := range *p.Keys {
			s.addKey(key)
		}
	}
	s.addKey(p.LogKey)
	if key := p.Topic.MasterKey(); !misuse.IsNil(key) {
		s.addKeyArn(*key.KeyArn())
	}
	return s
}

func (s *guardSettings) addBucket(bucket auditstore.AuditBucket) {
	s.addKey(bucket.Key())
	lock := bucket.ObjectLockDefaultRetention()
	arn := bucket.Bucket().BucketArn()
	if lock == nil || slices.ContainsFunc(s.bucketArns, func(known *string) bool { return *known == *arn }) {
		return
	}
	s.bucketArns = append(s.bucketArns, arn)
	s.Buckets = append(s.Buckets, lockedBucket{
		Name: *bucket.Bucket().BucketName(), Mode: string(lock.Mode()), Days: *lock.Duration().ToDays(nil),
	})
}

// addLogGroup takes what the resource in this app declares; of a log group from
// elsewhere nothing is known, so nothing is checked.
func (s *guardSettings) addLogGroup(group InvocationLogGroup) {
	s.addKey(group.Key())
	declared, ok := group.LogGroup().Node().DefaultChild().(awslogs.CfnLogGroup)
	if !ok {
		return
	}
	kept := keptLogGroup{Name: *group.LogGroupName()}
	if days := declared.RetentionInDays(); days != nil {
		kept.RetentionDays = *days
	}
	if key := declared.KmsKeyId(); key != nil {
		kept.KeyArn = *key
	}
	s.LogGroups = append(s.LogGroups, kept)
}

func (s *guardSettings) addKey(key auditstore.AuditKey) {
	if key != nil {
		s.addKeyArn(*key.Key().KeyArn())
	}
}

func (s *guardSettings) addKeyArn(arn string) {
	if !slices.Contains(s.Keys, arn) {
		s.Keys = append(s.Keys, arn)
	}
}

// text is the value of the environment variable.
func (s guardSettings) text() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain values cannot fail
	}
	return string(text)
}

// lockParameter is taken before the configuration is read or put. It is
// register.LockParameter; that package would bring importers the AWS SDK.
const lockParameter = "/paper-trail/logging-configuration-lock"

// maxEnvironment is the limit of a function's environment variables, names
// included, in bytes (Lambda developer guide, "Lambda quotas").
const maxEnvironment = 4096

// placeholder stands for a value that only the deployment knows.
var placeholder = regexp.MustCompile(`\$\{Token\[[^\]]*\]\}`)

// environmentProblems refuses what is too long however short the values turn
// out that only the deployment knows.
func environmentProblems(text string) []error {
	if n := len("GUARD") + len(placeholder.ReplaceAllString(text, "")); n > maxEnvironment {
		return []error{misuse.Errorf(pkg, "InvocationLoggingGuardProps.Buckets and Keys are more than fit into the %d bytes of a Lambda function's environment, got %d bytes or more; leave some out", maxEnvironment, n)}
	}
	return nil
}

// may lists what the guard is allowed to do: to read what it checks, to write
// what it remembers, to tell. Only with heals may it put the configuration.
func (s guardSettings) may(place policies.Place, guarded guarded, p InvocationLoggingGuardProps) []policies.Statement {
	parameter := func(name string) *string { return place.Arn("ssm", "parameter"+name) }
	configuration := policies.Statement{
		Sid:       "ReadLoggingConfiguration",
		Actions:   []string{"bedrock:GetModelInvocationLoggingConfiguration"},
		Resources: *policies.Strings("*"), // the configuration has no ARN
	}
	if s.HealsPerHour > 0 {
		configuration.Sid = "OwnLoggingConfiguration"
		configuration.Actions = append(configuration.Actions, "bedrock:PutModelInvocationLoggingConfiguration")
	}
	may := []policies.Statement{
		configuration,
		{
			Sid:       "ReadWhatWasDeclared",
			Actions:   []string{"ssm:GetParameter"},
			Resources: []*string{parameter(s.RegisterParameter)},
		},
		{
			Sid:       "TakeTurnsAndRemember",
			Actions:   []string{"ssm:GetParameter", "ssm:PutParameter"},
			Resources: []*string{parameter(lockParameter), parameter(s.StateParameter)},
		},
		{
			Sid:        "PublishMetrics",
			Actions:    []string{"cloudwatch:PutMetricData"},
			Resources:  *policies.Strings("*"), // metrics have no ARN
			Conditions: map[string]map[string]any{"StringEquals": {"cloudwatch:namespace": MetricNamespace}},
		},
		{
			Sid:       "PublishMessages",
			Actions:   []string{"sns:Publish"},
			Resources: []*string{p.Topic.TopicArn()},
		},
	}
	if key := p.Topic.MasterKey(); !misuse.IsNil(key) {
		may = append(may, policies.Statement{
			Sid:       "EncryptMessages",
			Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey*"},
			Resources: []*string{key.KeyArn()},
			Conditions: map[string]map[string]any{"StringEquals": {
				"kms:ViaService": "sns." + place.Region + ".amazonaws.com",
			}},
		})
	}
	if s.HealsPerHour > 0 && guarded.loggingRole != nil {
		may = append(may, handOver(guarded.loggingRole.RoleArn()))
	}
	if len(s.bucketArns) > 0 {
		may = append(may, policies.Statement{
			Sid: "CheckLocks", Actions: []string{"s3:GetBucketObjectLockConfiguration"}, Resources: s.bucketArns,
		})
	}
	if s.TrailArn != "" {
		may = append(may, policies.Statement{
			Sid: "CheckTrail", Actions: []string{"cloudtrail:GetTrailStatus"}, Resources: []*string{&s.TrailArn},
		})
	}
	if len(s.LogGroups) > 0 {
		may = append(may, policies.Statement{
			Sid: "CheckLogGroups", Actions: []string{"logs:DescribeLogGroups"}, Resources: *policies.Strings("*"), // it lists
		})
	}
	if len(s.Keys) > 0 {
		may = append(may, policies.Statement{
			Sid: "CheckKeys", Actions: []string{"kms:DescribeKey"}, Resources: *jsii.Strings(s.Keys...),
		})
	}
	return may
}
