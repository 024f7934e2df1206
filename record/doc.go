// Package record reads the records that Amazon Bedrock model invocation logging writes: who
// called which model when, with how many tokens, and, when asked, what was said.
package record
