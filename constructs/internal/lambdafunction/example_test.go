package lambdafunction_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/internal/lambdafunction"
)

func ExampleFunction_In() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Stack"), nil)
	made := lambdafunction.Function{
		Package:        "example",
		Description:    "Looks after something",
		Handler:        "guard",
		TimeoutSeconds: 60,
	}.In(stack, &lambdafunction.Props{
		Code: awslambda.Code_FromBucket(awss3.Bucket_FromBucketName(stack, jsii.String("Code"), jsii.String("code")), jsii.String("function.zip"), nil),
	})
	fmt.Println(*made.Function.Handler())
	// Output: guard
}
