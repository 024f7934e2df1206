// Package objectlock tries with real S3 calls whether a bucket keeps evidence:
// the lock that nobody shortens and the bucket policy that refuses whoever
// tries to get around it.
//
// Two emulators answer, each where its S3 decides as AWS documents it. moto
// decides about deletes with and without a version. MiniStack, with policies
// enforced, decides about retention periods and about every Deny of the bucket
// policy, its conditions included.
//
//	objectlock.Prove(t, objectlock.Bucket{Name: "b", Mode: mode, Days: 2557, Policy: policy})
package objectlock
