package awsclient_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/awsclient"
)

func ExampleNewLogging() {
	bedrock := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"loggingConfig":{"s3Config":{"bucketName":"prompts"}}}`)
	}))
	defer bedrock.Close()
	config := awsclient.FromEnvironment(func(name string) string {
		return map[string]string{
			"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
			"AWS_ENDPOINT_URL": bedrock.URL,
		}[name]
	})
	live, err := awsclient.NewLogging(config).GetModelInvocationLoggingConfiguration(context.Background())
	fmt.Println(live.S3Config.BucketName, err)
	// Output: prompts <nil>
}
