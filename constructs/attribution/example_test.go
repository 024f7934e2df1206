package attribution_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
)

// Every resource of a stack is on somebody's bill.
func Example() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Stack"), nil)
	awssns.NewTopic(stack, jsii.String("Topic"), nil)

	tags := attribution.NewCostTags(stack, jsii.String("CostTags"), &attribution.CostTagsProps{
		Project:     jsii.String("assistant"),
		Environment: jsii.String("prod"),
		Owner:       jsii.String("platform@example.com"),
		CostCenter:  jsii.String("4711"),
	})
	fmt.Println(tags.Tags())
	// Output: map[cost-center:4711 environment:prod owner:platform@example.com project:assistant]
}
