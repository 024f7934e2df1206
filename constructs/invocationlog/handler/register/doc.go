// Package register is what the functions remember in SSM parameters, since
// Amazon Bedrock keeps no owner beside its one logging configuration: who took
// it over, and what was there before. Each stack has a register; the lock, which
// all share, keeps what each of them declares.
//
// It does not know the AWS SDK, so that the CDK constructs can share its names.
package register
