package ledger_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

// fixture is a stack with the buckets that a ledger is filled from.
type fixture struct {
	stack          awscdk.Stack
	promptKey, key auditstore.AuditKey
	prompts        auditstore.AuditBucket
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	f := fixture{stack: cdktest.NewStack(t)}
	f.promptKey = auditstore.NewAuditKey(f.stack, jsii.String("PromptKey"), nil)
	f.key = auditstore.NewAuditKey(f.stack, jsii.String("CallKey"), nil)
	f.prompts = f.bucket("Prompts", f.promptKey)
	return f
}

func (f fixture) bucket(id string, key auditstore.AuditKey) auditstore.AuditBucket {
	return auditstore.NewAuditBucket(f.stack, jsii.String(id), &auditstore.AuditBucketProps{Key: key})
}

func (f fixture) tables(change func(*ledger.TablesProps)) ledger.Tables {
	props := &ledger.TablesProps{Invocations: f.prompts, DatabaseName: jsii.String("paper_trail")}
	if change != nil {
		change(props)
	}
	return ledger.NewTables(f.stack, jsii.String("Tables"), props)
}

func (f fixture) ledger(change func(*ledger.LedgerProps)) ledger.Ledger {
	props := &ledger.LedgerProps{Tables: f.tables(nil), Key: f.key}
	if change != nil {
		change(props)
	}
	return ledger.NewLedger(f.stack, jsii.String("Ledger"), props)
}
