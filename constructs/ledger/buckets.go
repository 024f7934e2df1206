package ledger

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// store are the buckets of a ledger.
type store struct {
	// ledger holds the Iceberg table, results what queries answered.
	ledger, results, accessLogs awss3.Bucket
}

const (
	// resultsDays is how long the answer of a query can be fetched.
	resultsDays = 7
	// olderVersionsDays is how long an overwritten or deleted file of the ledger
	// can be brought back.
	olderVersionsDays = 30
	accessLogDays     = 365
)

func newStore(scope constructs.Construct, key awskms.IKey, removal awscdk.RemovalPolicy) store {
	closed := awss3.BlockPublicAccess_BLOCK_ALL()
	newBucket := func(id string, props awss3.BucketProps) awss3.Bucket {
		props.Versioned = jsii.Bool(true)
		props.BlockPublicAccess = closed
		props.ObjectOwnership = awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED
		props.RemovalPolicy = removal
		if props.Encryption == "" {
			props.Encryption, props.EncryptionKey, props.BucketKeyEnabled = awss3.BucketEncryption_KMS, key, jsii.Bool(true)
		}
		return awss3.NewBucket(scope, jsii.String(id), &props)
	}
	s := store{
		accessLogs: newBucket("AccessLogs", awss3.BucketProps{
			// S3 delivers access logs to a bucket with SSE-S3 only.
			Encryption:     awss3.BucketEncryption_S3_MANAGED,
			LifecycleRules: lifecycle(accessLogDays, olderVersionsDays),
		}),
		ledger:  newBucket("Bucket", awss3.BucketProps{LifecycleRules: lifecycle(0, olderVersionsDays)}),
		results: newBucket("Results", awss3.BucketProps{LifecycleRules: lifecycle(resultsDays, 1)}),
	}
	place := policies.At(scope)
	logsArn := *s.accessLogs.BucketArn()
	var deliveries []policies.Statement
	for _, logged := range []struct {
		bucket      awss3.Bucket
		sid, prefix string
	}{{s.ledger, "AllowLedgerAccessLogs", "ledger/"}, {s.results, "AllowResultsAccessLogs", "results/"}} {
		// The L2's own prop writes a bucket ACL unless the app sets a feature
		// flag, and with ACLs disabled that fails.
		logged.bucket.Node().DefaultChild().(awss3.CfnBucket).SetLoggingConfiguration(&awss3.CfnBucket_LoggingConfigurationProperty{
			DestinationBucketName: s.accessLogs.BucketName(),
			LogFilePrefix:         jsii.String(logged.prefix),
		})
		deliveries = append(deliveries, place.FromSource(logged.bucket.BucketArn(), policies.Statement{
			Sid: logged.sid, Service: "logging.s3.amazonaws.com", Actions: []string{"s3:PutObject"},
			Resources: []*string{jsii.String(logsArn + "/" + logged.prefix + "*")},
		}))
		protect(logged.bucket, removal, nil)
	}
	protect(s.accessLogs, removal, deliveries)
	return s
}

// lifecycle removes objects after some days, or never for 0, and what they were
// before after others.
func lifecycle(days, olderVersions int) *[]*awss3.LifecycleRule {
	rule := &awss3.LifecycleRule{
		Id:                                  jsii.String("Expire"),
		NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(olderVersions)),
		AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
	}
	if days > 0 {
		rule.Expiration = awscdk.Duration_Days(jsii.Number(days))
	} else {
		rule.ExpiredObjectDeleteMarker = jsii.Bool(true)
	}
	return &[]*awss3.LifecycleRule{rule}
}

// protect gives a bucket its policy: no plain HTTP, no TLS before 1.2, and what
// is given. The policy stays and goes with the bucket.
func protect(bucket awss3.Bucket, removal awscdk.RemovalPolicy, statements []policies.Statement) {
	arn := *bucket.BucketArn()
	everything := []*string{&arn, jsii.String(arn + "/*")}
	refusals := []policies.Statement{
		{
			Sid: "DenyPlainHttp", Deny: true, Service: "*", Actions: []string{"s3:*"}, Resources: everything,
			Conditions: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
		},
		{
			Sid: "DenyOldTls", Deny: true, Service: "*", Actions: []string{"s3:*"}, Resources: everything,
			Conditions: map[string]map[string]any{"NumericLessThan": {"s3:TlsVersion": "1.2"}},
		},
	}
	bucket.SetPolicy(awss3.NewBucketPolicy(bucket, jsii.String("Policy"), &awss3.BucketPolicyProps{
		Bucket: bucket, Document: policies.Document(append(refusals, statements...)...), RemovalPolicy: removal,
	}))
}
