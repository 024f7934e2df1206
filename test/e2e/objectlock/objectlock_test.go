package objectlock_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/objectlock"
)

// keeping is the least that a bucket policy has to refuse.
const keeping = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DenyPlainHTTP", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
      "Resource": ["arn:aws:s3:::evidence", "arn:aws:s3:::evidence/*"],
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    },
    {
      "Sid": "DenyDeletes", "Effect": "Deny", "Principal": {"AWS": "*"},
      "Action": ["s3:DeleteObject*", "s3:BypassGovernanceRetention"],
      "Resource": "arn:aws:s3:::evidence/*"
    },
    {
      "Sid": "DenyShorterRetention", "Effect": "Deny", "Principal": {"AWS": "*"},
      "Action": ["s3:PutObject", "s3:PutObjectRetention"],
      "Resource": "arn:aws:s3:::evidence/*",
      "Condition": {"NumericLessThan": {"s3:object-lock-remaining-retention-days": "30"}}
    },
    {
      "Sid": "DenyChanges", "Effect": "Deny", "Principal": {"AWS": "*"},
      "Action": ["s3:PutBucket*", "s3:DeleteBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"],
      "Resource": "arn:aws:s3:::evidence",
      "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/deployer"}}
    }
  ]
}`

func TestALockedBucketKeepsEvidence(t *testing.T) {
	t.Parallel()
	for _, mode := range []types.ObjectLockRetentionMode{types.ObjectLockRetentionModeCompliance, types.ObjectLockRetentionModeGovernance} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			objectlock.Prove(t, objectlock.Bucket{Name: "evidence", Mode: mode, Days: 30, Policy: keeping, DeployRole: "deployer"})
		})
	}
}
