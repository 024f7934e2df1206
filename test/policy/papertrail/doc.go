// Package papertrail holds the tests that evaluate the policies of the whole
// paper trail, all stacks of an environment: who may and who may not deliver to,
// read, weaken or delete what they keep, and whom their topics let publish. Three
// environments stand for all others: one that keeps its evidence in two Regions
// and has costs and a break-glass role, one without either, and a disposable one
// without account and Region. It also holds docs/security.md to its service
// control policies, which are evaluated as they stand there.
//
// What no policy decides is not shown here. Object Lock refuses more than the
// bucket policies do, and Amazon S3 never refuses the bucket policy itself to
// the root user of the account. What a ledger grants to its readers, and
// constructs/attribution to callers of models, has packages of its own beside
// this one.
package papertrail
