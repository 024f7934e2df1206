// Package cli is the audit command: who called which model, with what, for how
// much, answered from the record that Amazon Bedrock's invocation logging left.
//
// [Exec] is the whole program; nothing in it depends on the process it runs in.
package cli
