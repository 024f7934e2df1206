package guard_test

import (
	"context"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/guard"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// account is an AWS account in memory in which somebody has stopped the trail.
type account struct {
	logging.Client
	register.Parameters
}

func (account) GetModelInvocationLoggingConfiguration(context.Context) (*logging.Config, error) {
	return &logging.Config{S3Config: &logging.S3Config{BucketName: "ours"}}, nil
}

func (account) GetParameter(_ context.Context, name string) (register.Parameter, error) {
	if name != "/paper-trail/capture/logging-configuration" {
		return register.Parameter{}, register.ErrParameterNotFound
	}
	return register.Parameter{Version: 1, Value: `{"owner":"capture/Logging","previous":null,"declared":{"s3Config":{"bucketName":"ours"}}}`}, nil
}

func (account) PutParameter(context.Context, string, string, bool) (int64, error) { return 1, nil }

// services are the others of its services.
type services struct{ guard.Client }

func (services) GetTrailStatus(context.Context, string) (guard.TrailStatus, error) {
	return guard.TrailStatus{}, nil
}

func (services) PutMetricData(_ context.Context, namespace string, data []guard.Datum) error {
	for _, d := range data {
		if d.Check == "" {
			fmt.Println(namespace, d.Name, d.Value)
		}
	}
	return nil
}

func ExampleGuard_Invoke() {
	settings, err := guard.ParseSettings(`{
		"registerParameter": "/paper-trail/capture/logging-configuration",
		"owner": "capture/Logging",
		"stateParameter": "/paper-trail/monitoring/logging-guard",
		"topicArn": "arn:aws:sns:eu-west-1:111122223333:alerts",
		"trailArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/activity",
		"handlerRoleArn": "arn:aws:iam::111122223333:role/capture-FunctionRole"}`)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	found, err := guard.New(settings, "monitoring-Guard", account{}, account{}, services{}).Invoke(ctx, nil)
	fmt.Println(string(found), err)
	// Output:
	// PaperTrail LoggingConfigurationDrift 1
	// PaperTrail LoggingConfigurationChecks 1
	// {"checks":[{"check":"LoggingConfiguration","decision":"Same"},{"check":"TrailLogging","decision":"Drift","difference":"trail arn:aws:cloudtrail:eu-west-1:111122223333:trail/activity: is not logging"}]} <nil>
}
