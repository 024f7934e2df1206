package report_test

import (
	"fmt"
	"os"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/demo/report"
)

func ExampleText() {
	err := report.Text(os.Stdout, &report.Report{
		Account: "111111111111",
		Region:  "eu-west-1",
		Logging: report.Logging{
			Text: true, Image: true, Embedding: true, Video: true,
			Bucket: "prompts", LogGroup: "/aws/bedrock/model-invocations", Role: "arn:aws:iam::111111111111:role/logging",
		},
		Buckets: []report.Bucket{{
			Name: "prompts", Holds: "prompts and completions", LockMode: "COMPLIANCE", LockDays: 2557,
			Encryption: "aws:kms", Key: "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
			BucketKey: true, Versioned: true, PublicBlocked: true, ExpireDays: 2587,
		}},
		Guard: &report.Guard{
			Function: "guard", State: "Active", Schedule: []string{"rate(15 minutes)"},
			Checks: []report.Check{{Name: "LoggingConfiguration", At: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Declared: true}},
		},
		Tags: []report.Tagged{{Resource: "bucket prompts", Tags: map[string]string{"project": "paper-trail", "owner": "ai-platform"}}},
	}, false)
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Model invocation logging in eu-west-1, account 111111111111
	//   text                on
	//   image               on
	//   embedding           on
	//   video               on
	//   audio               off
	//   to S3               prompts
	//   to CloudWatch Logs  /aws/bedrock/model-invocations
	//   with the role       logging
	//   large bodies to S3  none
	//
	// Bucket with the prompts and completions
	//   name            prompts
	//   Object Lock     COMPLIANCE for 2557 days
	//   encryption      aws:kms with key 1234abcd, bucket key on
	//   versioning      on
	//   public access   blocked
	//   objects expire  after 2587 days
	//   access logs     none
	//
	// Keys
	//   none
	//
	// Log groups
	//   none
	//
	// Guard of the logging configuration
	//   function    guard
	//   state       Active
	//   runs        rate(15 minutes)
	//   found last  LoggingConfiguration as declared, 2026-11-24 09:00:00 UTC
	//
	// Metric filters
	//   none
	//
	// Alarms
	//   none
	//
	// Rules that notify
	//   none
	//
	// Dashboards
	//   none
	//
	// Trails
	//   none
	//
	// Ledger
	//   none
	//
	// Tags
	//   owner=ai-platform  project=paper-trail
	//     on bucket prompts
}
