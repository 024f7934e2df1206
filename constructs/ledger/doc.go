// Package ledger makes the record answer: who called which model for what, and
// how much it cost.
//
// [Tables] describe the raw records and the trail's files to Amazon Athena. A
// [Ledger] holds a row for each call, without the prompt and without the answer:
// an Apache Iceberg table that Athena fills every hour, in an S3 bucket with a
// key of its own. Who may read the ledger cannot read a prompt; who may read
// prompts can read the ledger, too.
//
//	tables := ledger.NewTables(stack, jsii.String("Tables"), &ledger.TablesProps{
//		Invocations: bucket,
//	})
//	calls := ledger.NewLedger(stack, jsii.String("Ledger"), &ledger.LedgerProps{
//		Tables: tables,
//		Key:    key,
//	})
//	calls.GrantLedgerRead(finance)
//	calls.GrantAuditRead(auditors)
//
// The ledger is derived from the raw records and can be made again from them. It
// is not evidence: whoever administers the account can change it. A figure that
// matters is checked against the raw records, whose bucket nobody can alter.
//
// [SavedLogQueries] ask the same of the log groups, which have the last minutes
// that the ledger has not.
//
// Where AWS Lake Formation governs the account's Glue Data Catalog, databases
// keep working with IAM alone as long as new ones are created with the default
// permissions of IAMAllowedPrincipals.
package ledger

const pkg = "ledger"
