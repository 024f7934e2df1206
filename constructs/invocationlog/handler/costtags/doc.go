// Package costtags activates cost allocation tags, on a schedule, until all of
// them are active.
//
// A tag splits the bill only once it is activated, which no CloudFormation type
// does and no deployment can: AWS knows a key a day after the first resource that
// carries it was billed, and only the account that pays may activate it. So
// nothing here ever fails a deployment. Each run lists the keys, activates those
// that AWS knows, and once all are active asks, where it is set to, for past months
// to be counted again, once. Then it ends its own schedule. In an account that does not pay it
// says what to run in the one that does, and ends as well.
//
//	function := costtags.New(settings, client)
//	lambda.Start(function)
package costtags
