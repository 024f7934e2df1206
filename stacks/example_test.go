package stacks_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

func Example() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	file, err := config.Parse("environments.yaml", []byte(`
environments:
  prod:
    account: "222222222222"
    region: eu-west-1
    alerts: {emails: [admin@example.com]}
    tags: {project: assistant, owner: platform, cost-center: cc-1}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(outdir)})
	env := stacks.NewEnvironment(app, file.Environments["prod"], nil)
	for _, region := range env.Regions() {
		for _, stack := range []awscdk.Stack{region.Storage, region.Capture, region.Monitoring, region.Ledger} {
			fmt.Println(*stack.Node().Path(), *stack.StackName())
		}
	}
	// Output:
	// prod/eu-west-1/Storage paper-trail-prod-storage
	// prod/eu-west-1/Capture paper-trail-prod-capture
	// prod/eu-west-1/Monitoring paper-trail-prod-monitoring
	// prod/eu-west-1/Ledger paper-trail-prod-ledger
}
