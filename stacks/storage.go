package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
)

// Storage holds the keys, the buckets and the log group of one Region.
//
// Prompts have a key of their own: whoever may decrypt API events and alerts
// cannot decrypt prompts with it.
type Storage interface {
	awscdk.Stack
	// InvocationKey encrypts prompts and completions.
	InvocationKey() auditstore.AuditKey
	// AlertKey encrypts critical alerts, and nothing else: who disables another
	// key does not silence them, and who disables it does not silence warnings.
	AlertKey() auditstore.AuditKey
	// ActivityKey encrypts API events and warnings.
	ActivityKey() auditstore.AuditKey
	// InvocationBucket keeps the records of model calls.
	InvocationBucket() auditstore.AuditBucket
	// TrailBucket keeps the trail. It is nil outside the home Region and where
	// the environment has no trail.
	TrailBucket() auditstore.AuditBucket
	// InvocationLogGroup receives the records of model calls.
	InvocationLogGroup() invocationlog.InvocationLogGroup
}

type storage struct {
	awscdk.Stack
	invocationKey    auditstore.AuditKey
	activityKey      auditstore.AuditKey
	alertKey         auditstore.AuditKey
	invocationBucket auditstore.AuditBucket
	trailBucket      auditstore.AuditBucket
	logGroup         invocationlog.InvocationLogGroup
}

var _ Storage = (*storage)(nil)

func newStorage(place placement) Storage {
	this := &storage{}
	awscdk.NewStack_Override(this, place.scope, jsii.String("Storage"),
		place.stackProps("storage", "the keys, buckets and log group that keep the evidence"))

	this.invocationKey = this.newKey(place, "InvocationKey", "Encrypts the prompts and completions of model calls")
	this.activityKey = this.newKey(place, "ActivityKey", "Encrypts API events and warnings")
	this.alertKey = this.newKey(place, "AlertKey", "Encrypts critical alerts")
	this.invocationBucket = this.newBucket(place, "InvocationBucket", this.invocationKey)
	if place.home && place.env.Trail.Mode == config.CreateTrail {
		this.trailBucket = this.newBucket(place, "TrailBucket", this.activityKey)
	}
	this.logGroup = invocationlog.NewInvocationLogGroup(this, jsii.String("InvocationLogGroup"), &invocationlog.InvocationLogGroupProps{
		Key:                   this.invocationKey,
		Retention:             retention(place.env.LogRetentionDays),
		MaskedDataIdentifiers: jsii.Strings(place.env.MaskedDataIdentifiers...),
		RemovalPolicy:         place.removal(),
	})
	return this
}

func (s *storage) InvocationKey() auditstore.AuditKey                   { return s.invocationKey }
func (s *storage) ActivityKey() auditstore.AuditKey                     { return s.activityKey }
func (s *storage) AlertKey() auditstore.AuditKey                        { return s.alertKey }
func (s *storage) InvocationBucket() auditstore.AuditBucket             { return s.invocationBucket }
func (s *storage) TrailBucket() auditstore.AuditBucket                  { return s.trailBucket }
func (s *storage) InvocationLogGroup() invocationlog.InvocationLogGroup { return s.logGroup }

func (s *storage) newKey(place placement, id, description string) auditstore.AuditKey {
	return auditstore.NewAuditKey(s, jsii.String(id), &auditstore.AuditKeyProps{
		Description:            jsii.String(description),
		BreakGlassPrincipalArn: place.breakGlass(),
		RemovalPolicy:          place.removal(),
	})
}

func (s *storage) newBucket(place placement, id string, key auditstore.AuditKey) auditstore.AuditBucket {
	lock := awss3.ObjectLockRetention_Compliance
	if place.env.ObjectLock.Mode == config.Governance {
		lock = awss3.ObjectLockRetention_Governance
	}
	return auditstore.NewAuditBucket(s, jsii.String(id), &auditstore.AuditBucketProps{
		Key:                        key,
		ObjectLockDefaultRetention: lock(days(place.env.ObjectLock.Days)),
		ExpireAfter:                days(place.env.ExpireAfterDays),
		BreakGlassPrincipalArn:     place.breakGlass(),
		RemovalPolicy:              place.removal(),
	})
}

func (p placement) breakGlass() *string {
	if p.env.BreakGlassRoleArn == "" {
		return nil
	}
	return &p.env.BreakGlassRoleArn
}

func days(n int) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }

// retention is CDK's name for a number of days that config has accepted.
func retention(days int) awslogs.RetentionDays {
	names := map[int]awslogs.RetentionDays{
		1: awslogs.RetentionDays_ONE_DAY, 3: awslogs.RetentionDays_THREE_DAYS, 5: awslogs.RetentionDays_FIVE_DAYS,
		7: awslogs.RetentionDays_ONE_WEEK, 14: awslogs.RetentionDays_TWO_WEEKS, 30: awslogs.RetentionDays_ONE_MONTH,
		60: awslogs.RetentionDays_TWO_MONTHS, 90: awslogs.RetentionDays_THREE_MONTHS, 120: awslogs.RetentionDays_FOUR_MONTHS,
		150: awslogs.RetentionDays_FIVE_MONTHS, 180: awslogs.RetentionDays_SIX_MONTHS, 365: awslogs.RetentionDays_ONE_YEAR,
		400: awslogs.RetentionDays_THIRTEEN_MONTHS, 545: awslogs.RetentionDays_EIGHTEEN_MONTHS, 731: awslogs.RetentionDays_TWO_YEARS,
		1096: awslogs.RetentionDays_THREE_YEARS, 1827: awslogs.RetentionDays_FIVE_YEARS, 2192: awslogs.RetentionDays_SIX_YEARS,
		2557: awslogs.RetentionDays_SEVEN_YEARS, 2922: awslogs.RetentionDays_EIGHT_YEARS, 3288: awslogs.RetentionDays_NINE_YEARS,
		3653: awslogs.RetentionDays_TEN_YEARS,
	}
	return names[days]
}
