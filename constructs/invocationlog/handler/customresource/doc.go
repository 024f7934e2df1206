// Package customresource answers CloudFormation on behalf of a custom resource
// that is backed by a Lambda function.
//
// CloudFormation waits for an answer at a presigned address for up to an hour
// and leaves the stack stuck without one. [Handler] therefore answers every
// event, whether the work behind it succeeds, fails, panics or runs out of time,
// keeps the answer within the 4096 bytes that CloudFormation reads, and repeats
// its delivery until the function's deadline. An answer that cannot be delivered
// is logged with everything needed to give it by hand.
//
//	handler := customresource.NewHandler("my-singleton", work)
//	lambda.Start(handler)
package customresource
