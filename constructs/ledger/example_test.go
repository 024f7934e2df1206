package ledger_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
)

// Finance reads who spent how much; auditors read what was said, too.
func Example() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Calls"), nil)
	role := func(name string) awsiam.IRole {
		return awsiam.Role_FromRoleName(stack, jsii.String(name), jsii.String(name), nil)
	}

	prompts := auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("PromptKey"), nil),
	})
	tables := ledger.NewTables(stack, jsii.String("Tables"), &ledger.TablesProps{
		Invocations:  prompts,
		DatabaseName: jsii.String("paper_trail"),
	})
	calls := ledger.NewLedger(stack, jsii.String("Ledger"), &ledger.LedgerProps{
		Tables: tables,
		Key:    auditstore.NewAuditKey(stack, jsii.String("LedgerKey"), nil),
	})
	calls.GrantLedgerRead(role("finance"))
	calls.GrantAuditRead(role("auditors"))

	fmt.Println("finance queries in", *calls.LedgerWorkGroup())
	fmt.Println("auditors query in", *calls.AuditWorkGroup())
	// Output:
	// finance queries in paper-trail-ledger
	// auditors query in paper-trail-audit
}
