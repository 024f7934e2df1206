// Package ledger evaluates what constructs/ledger grants, on the template of a
// stack that uses it as an importer would: above all, that a reader of the ledger
// cannot read a prompt.
package ledger
