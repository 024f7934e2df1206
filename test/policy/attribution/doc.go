// Package attribution evaluates what constructs/attribution grants, on the
// template of a stack that uses it as an application would.
package attribution
