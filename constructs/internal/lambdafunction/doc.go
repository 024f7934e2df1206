// Package lambdafunction makes the Lambda functions of the constructs: one way,
// from one compiled source, each with a role, a log group and a handler name of
// its own.
package lambdafunction
