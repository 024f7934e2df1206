package lambdafunction_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/constructs/internal/lambdafunction"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

// A synthesizer that the program made is not the one that is bound to its stack.
func TestTheCompiledFunctionGoesToTheBucketOfTheStacksBootstrap(t *testing.T) {
	for name, test := range map[string]struct {
		synthesizer awscdk.IStackSynthesizer
		bucket      string
	}{
		"the CDK's":           {bucket: "cdk-hnb659fds-assets-"},
		"made by the program": {awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{Qualifier: jsii.String("mine")}), "cdk-mine-assets-"},
	} {
		stack := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Stack"), &awscdk.StackProps{Synthesizer: test.synthesizer})
		lambdafunction.Function{Package: "test", Description: "Looks after something", Handler: "guard", TimeoutSeconds: 60}.In(stack, nil)
		_, function := cdktest.Synth(t, stack).Only(t, "AWS::Lambda::Function", "")
		code := cdktest.JSON(t, function.Properties["Code"])
		assert.Contains(t, code, test.bucket, name)
		assert.Regexp(t, `"S3Key":"[0-9a-f]{64}\.zip"`, code, name)
	}
}
