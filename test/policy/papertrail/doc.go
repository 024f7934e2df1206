// Package papertrail holds the tests that evaluate the policies of the whole
// paper trail: who may and who may not deliver to, read, weaken or delete what
// the stacks of an environment keep. Three environments stand for all others:
// one that keeps its evidence in two Regions and has a break-glass role, one
// without such a role, and a disposable one without account and Region.
//
// What no policy decides is not shown here. Object Lock refuses more than the
// bucket policies do, and Amazon S3 never refuses the bucket policy itself to
// the root user of the account.
package papertrail
