// Package auditstore keeps evidence: a bucket whose objects nobody can alter
// or delete before their time, and the key that encrypts them.
//
// An [AuditBucket] locks every object for seven years in COMPLIANCE mode by
// default, and its policy refuses to everyone, administrators included, what
// would weaken it: shorter retention, another lock, lifecycle, versioning or
// policy, and deletes. Two kinds of principal are left out of the refusal: the
// role with which CloudFormation deploys the stack (it may change what the
// stack declares, and has to pass through a template, a change set and a
// trail to do it) and a break-glass role, if one is named.
//
// An [AuditKey] is a customer-managed KMS key that opens to AWS services one
// at a time: each Allow method adds one statement for one service principal
// with the conditions that bind it to this account. What nobody allowed, no
// service can do.
//
//	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
//	bucket := auditstore.NewAuditBucket(stack, jsii.String("Bucket"), &auditstore.AuditBucketProps{Key: key})
//	bucket.GrantAuditRead(auditors)
package auditstore

const pkg = "auditstore"
