// Package policies builds the policy statements that several constructs need
// in one form.
package policies
