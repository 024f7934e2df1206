package stacks

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/constructs/activitytrail"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// Capture turns recording on in one Region.
type Capture interface {
	awscdk.Stack
	// InvocationLogging is the Region's logging configuration.
	InvocationLogging() invocationlog.InvocationLogging
	// ActivityTrail records API calls. It is nil outside the home Region and
	// where the environment has no trail.
	ActivityTrail() activitytrail.ActivityTrail
}

type capture struct {
	awscdk.Stack
	logging invocationlog.InvocationLogging
	trail   activitytrail.ActivityTrail
}

var _ Capture = (*capture)(nil)

// newCapture makes the stack. prompts are the invocation buckets of all the
// environment's Regions, whose readers the trail names.
func newCapture(place placement, storage Storage, prompts []awss3.IBucket, function *invocationlog.FunctionProps) Capture {
	this := &capture{}
	props := place.stackProps("capture", "the model-invocation logging configuration and the trail")
	// A first deployment that is refused, because of a logging configuration
	// that is somebody else's, has to be replaceable by a second one, and
	// CloudFormation does not replace a protected stack. Deleting this stack
	// ends no recording.
	props.TerminationProtection = jsii.Bool(false)
	awscdk.NewStack_Override(this, place.scope, jsii.String("Capture"), props)

	logging := place.env.InvocationLogging
	onExisting := invocationlog.OnExisting_REFUSE
	if logging.OnExisting == config.Adopt {
		onExisting = invocationlog.OnExisting_ADOPT
	}
	var adoptedRole *string
	if logging.AdoptedRoleArn != "" {
		adoptedRole = &logging.AdoptedRoleArn
	}
	this.logging = invocationlog.NewInvocationLogging(this, jsii.String("InvocationLogging"), &invocationlog.InvocationLoggingProps{
		LogGroup: storage.InvocationLogGroup(),
		Bucket:   storage.InvocationBucket(),
		DataDelivery: &invocationlog.DataDelivery{
			Text:      &logging.Text,
			Image:     &logging.Image,
			Embedding: &logging.Embedding,
			Video:     &logging.Video,
			Audio:     &logging.Audio,
		},
		OnExisting:     onExisting,
		AdoptedRoleArn: adoptedRole,
		Function:       function,
		RemovalPolicy:  place.removal(),
	})
	if bucket := storage.TrailBucket(); bucket != nil {
		this.trail = activitytrail.NewActivityTrail(this, jsii.String("ActivityTrail"), &activitytrail.ActivityTrailProps{
			Key:              storage.ActivityKey(),
			Bucket:           bucket,
			TrailName:        jsii.String("paper-trail-" + place.env.Name),
			LogRetention:     retention(place.env.LogRetentionDays),
			DataEventTypes:   dataEventTypes(place.env.Trail.ExcludedDataEventTypes),
			DataEventBuckets: &prompts,
			InsightsEnabled:  &place.env.Trail.Insights,
			RemovalPolicy:    place.removal(),
		})
		// Last, so that a refusal of the logging configuration leaves no log
		// group of the trail behind.
		this.trail.Node().AddDependency(this.logging.Resource())
	}
	return this
}

// dataEventTypes are those of Bedrock without the excluded ones. One that is
// not among them is a slip that would go unnoticed.
func dataEventTypes(excluded []string) *[]*string {
	types := activitytrail.BedrockDataEventTypes()
	for _, name := range excluded {
		at := slices.Index(types, name)
		if at < 0 {
			misuse.Panicf(pkg, "trail.excludedDataEventTypes names a type that the trail does not log, got %q; take one of %s", name, strings.Join(types, ", "))
		}
		types = slices.Delete(types, at, at+1)
	}
	return jsii.Strings(types...)
}

func (c *capture) InvocationLogging() invocationlog.InvocationLogging { return c.logging }
func (c *capture) ActivityTrail() activitytrail.ActivityTrail         { return c.trail }
