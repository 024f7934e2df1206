// Command dashboard draws the dashboard of the audit as it is synthesised, with
// a made-up week of data: an SVG for the docs and a page to look at in a
// browser. Run it with `make dashboard`.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/test/dashboard/picture"
)

func main() {
	svgFile := flag.String("svg", "docs/dashboard.svg", "where the picture goes")
	pageFile := flag.String("page", ".work/dashboard.html", "where the page goes")
	flag.Parse()
	if err := run(*svgFile, *pageFile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(svgFile, pageFile string) error {
	defer jsii.Close()
	outdir, err := os.MkdirTemp("", "dashboard")
	if err != nil {
		return err
	}
	defer os.RemoveAll(outdir)
	body, err := synthesised(awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir}))
	if err != nil {
		return err
	}
	svg, err := body.SVG(picture.SampleWeek())
	if err != nil {
		return err
	}
	for file, text := range map[string]string{svgFile: svg, pageFile: page(svg)} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", file)
	}
	return nil
}

const region = "eu-west-1"

// synthesised is the dashboard's body out of a stack's template.
func synthesised(app awscdk.App) (picture.Body, error) {
	stack := awscdk.NewStack(app, jsii.String("paper-trail-prod-monitoring"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(region)},
	})
	alarms := []*string{}
	for _, name := range []string{"DeliveryFailure", "Silence", "LoggingDrift", "Throttling", "UnloggedEndpoint", "SpendPace"} {
		alarms = append(alarms, jsii.String("arn:aws:cloudwatch:"+region+":111122223333:alarm:"+name))
	}
	alerting.NewAuditDashboard(stack, jsii.String("Dashboard"), &alerting.AuditDashboardProps{
		InvocationLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Invocations"), jsii.String("/aws/bedrock/model-invocations")),
		TrailLogGroup:      awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Trail"), jsii.String("/aws/cloudtrail/paper-trail-prod")),
		AlarmArns:          &alarms,
	})
	text, err := picture.FromTemplate(*assertions.Template_FromStack(stack, nil).ToJSON(), region)
	if err != nil {
		return picture.Body{}, err
	}
	return picture.Parse(text)
}

// page is one file that needs nothing else. In it the links work.
func page(svg string) string {
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Dashboard with made-up data</title>
<style>body { margin: 0; background: #f2f3f3 } svg { display: block; max-width: 100%; height: auto; margin: 0 auto }</style>
` + svg + `</html>
`
}
