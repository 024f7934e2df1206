package lifecycle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/lifecycle"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// account is an AWS account in memory that somebody else logs already.
type account struct {
	logging.Client
	register.Parameters
}

func (account) GetModelInvocationLoggingConfiguration(context.Context) (*logging.Config, error) {
	return &logging.Config{S3Config: &logging.S3Config{BucketName: "theirs"}}, nil
}

func ExampleLifecycle_Handle() {
	properties, _ := json.Marshal(map[string]string{
		"LoggingConfiguration": `{"s3Config":{"bucketName":"ours"},
			"textDataDeliveryEnabled":true,"imageDataDeliveryEnabled":true,"embeddingDataDeliveryEnabled":true,
			"videoDataDeliveryEnabled":true,"audioDataDeliveryEnabled":true}`,
		"OnExisting":        lifecycle.Refuse,
		"RegisterParameter": "/paper-trail/previous",
	})
	_, err := lifecycle.New(account{}, account{}).Handle(context.Background(), slog.New(slog.DiscardHandler), customresource.Event{
		RequestType:        customresource.Create,
		StackID:            "arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid",
		LogicalResourceID:  "InvocationLogging",
		ResourceProperties: properties,
	})
	fmt.Println(err)
	// Output: this account already logs model invocations in this Region, in a different way: s3Config.bucketName: live "theirs", wanted "ours". There is one configuration per account and Region. To replace it, set OnExisting to Adopt (in environments.yaml, invocationLogging.onExisting: adopt): it is then kept in SSM parameter /paper-trail/previous and restored on delete. Otherwise ask for the live values, or delete the live configuration first
}

// The register of the account is empty, and its lock is free.
func (account) GetParameter(context.Context, string) (register.Parameter, error) {
	return register.Parameter{}, register.ErrParameterNotFound
}

func (account) PutParameter(context.Context, string, string, bool) (int64, error) { return 1, nil }
