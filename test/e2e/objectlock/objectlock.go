package objectlock

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

// Bucket says which bucket is tried.
type Bucket struct {
	// Name is the name under which Policy speaks of the bucket.
	Name string
	// Region is the bucket's. Default: eu-west-1.
	Region string
	// Mode is the default retention's mode.
	Mode types.ObjectLockRetentionMode
	// Days is the default retention's length.
	Days int32
	// Policy is the bucket policy, as JSON without intrinsics. It must refuse
	// deletes, shorter retention, plain HTTP and changes to the bucket.
	Policy string
	// DeployRole names the role that Policy lets change the bucket.
	DeployRole string
}

// Prove tries to destroy, alter and expose what the bucket holds.
func Prove(t *testing.T, b Bucket) {
	t.Helper()
	if b.Region == "" {
		b.Region = "eu-west-1"
	}
	t.Run("the lock outlives deletes", func(t *testing.T) { b.proveLock(t) })
	t.Run("the policy refuses an administrator", func(t *testing.T) { b.provePolicy(t) })
}

// proveLock is about the lock alone, so there is no policy.
func (b Bucket) proveLock(t *testing.T) {
	moto, err := emulator.StartMoto(t.Context(), "objectlock-moto-"+string(b.Mode))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, moto.Stop()) })
	client := pathStyle(moto.Config(b.Region))
	b.create(t, client)
	version := put(t, client, b.Name, "record")

	assert.ErrorContains(t, remove(t, client, b.Name, "record", version, false), "AccessDenied", "a locked version")
	require.NoError(t, remove(t, client, b.Name, "record", nil, false), "a delete marker is no deletion")
	assert.NoError(t, read(t, client, b.Name, "record", version), "the version under the marker")

	err = remove(t, client, b.Name, "record", version, true)
	if b.Mode == types.ObjectLockRetentionModeCompliance {
		assert.ErrorContains(t, err, "AccessDenied", "nobody bypasses COMPLIANCE")
	} else {
		assert.NoError(t, err, "whoever may bypass GOVERNANCE can delete; only a policy refuses it")
	}
}

// refused is how MiniStack tells a Deny of the bucket policy from the lock's own
// refusal.
const refused = "explicit deny in a resource-based policy"

// provePolicy lets an administrator of the account try, who may do everything
// that the bucket policy does not refuse.
func (b Bucket) provePolicy(t *testing.T) {
	stand, err := emulator.Start(t.Context(), emulator.Options{
		Name: "objectlock-ministack-" + string(b.Mode), EnforcePolicies: true,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stand.Stop()) })
	root := stand.Config(b.Region)
	b.create(t, pathStyle(root))
	_, err = pathStyle(root).PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &b.Name, Policy: &b.Policy})
	require.NoError(t, err)
	admin := pathStyle(assume(t, root, stand.Account(), "administrator"))

	version := put(t, admin, b.Name, "record")
	retention, err := admin.GetObjectRetention(t.Context(), &s3.GetObjectRetentionInput{Bucket: &b.Name, Key: aws.String("record")})
	require.NoError(t, err)
	assert.Equal(t, b.Mode, retention.Retention.Mode)
	assert.WithinDuration(t, b.lockedUntil(), *retention.Retention.RetainUntilDate, time.Hour)

	for _, attempt := range []struct {
		what string
		try  func(*s3.Client) error
	}{
		{"delete a version", func(c *s3.Client) error { return remove(t, c, b.Name, "record", version, false) }},
		{"delete a version with the bypass", func(c *s3.Client) error { return remove(t, c, b.Name, "record", version, true) }},
		{"hide an object", func(c *s3.Client) error { return remove(t, c, b.Name, "record", nil, false) }},
		{"shorten the retention", func(c *s3.Client) error { return retain(t, c, b, b.lockedUntil().AddDate(0, 0, -1), true) }},
		{"write with a shorter retention", func(c *s3.Client) error {
			_, err := c.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: &b.Name, Key: aws.String("short"), Body: strings.NewReader("body"),
				ObjectLockMode: types.ObjectLockMode(b.Mode), ObjectLockRetainUntilDate: aws.Time(time.Now().Add(time.Hour)),
			})
			return err
		}},
	} {
		assert.ErrorContains(t, attempt.try(admin), refused, attempt.what)
	}
	assert.NoError(t, retain(t, admin, b, b.lockedUntil().AddDate(0, 0, 2), false), "longer is allowed")
	// Policies do not bind this root, which leaves the lock alone to refuse.
	compliance := b.Mode == types.ObjectLockRetentionModeCompliance
	assert.ErrorContains(t, retain(t, pathStyle(root), b, b.lockedUntil(), compliance), "protected by object lock")

	deployer := pathStyle(assume(t, root, stand.Account(), b.DeployRole))
	for _, attempt := range b.changes() {
		assert.ErrorContains(t, attempt.try(t.Context(), admin), refused, attempt.what)
		assert.NoError(t, attempt.try(t.Context(), deployer), "the deployment may %s", attempt.what)
	}

	plain := pathStyle(root, func(o *s3.Options) {
		o.Credentials = admin.Options().Credentials
		o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Forwarded-Proto", "http"))
	})
	assert.NoError(t, read(t, admin, b.Name, "record", version))
	assert.ErrorContains(t, read(t, plain, b.Name, "record", version), refused, "plain HTTP")
}

type change struct {
	what string
	try  func(context.Context, *s3.Client) error
}

// changes are what would weaken the bucket; each sets what is there already, so
// that an attempt which succeeds does not disturb the next.
func (b Bucket) changes() []change {
	return []change{
		{"change the default lock", func(ctx context.Context, c *s3.Client) error {
			_, err := c.PutObjectLockConfiguration(ctx, &s3.PutObjectLockConfigurationInput{Bucket: &b.Name, ObjectLockConfiguration: b.lock()})
			return err
		}},
		{"change the versioning", func(ctx context.Context, c *s3.Client) error {
			_, err := c.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: &b.Name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
			return err
		}},
		{"change the lifecycle", func(ctx context.Context, c *s3.Client) error {
			_, err := c.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: &b.Name, LifecycleConfiguration: &types.BucketLifecycleConfiguration{
				Rules: []types.LifecycleRule{{ID: aws.String("all"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(b.Days + 30)}}},
			}})
			return err
		}},
		{"change the encryption", func(ctx context.Context, c *s3.Client) error {
			_, err := c.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &b.Name, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
				Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms}}},
			}})
			return err
		}},
		{"change the policy", func(ctx context.Context, c *s3.Client) error {
			_, err := c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &b.Name, Policy: &b.Policy})
			return err
		}},
	}
}

func (b Bucket) lock() *types.ObjectLockConfiguration {
	return &types.ObjectLockConfiguration{
		ObjectLockEnabled: types.ObjectLockEnabledEnabled,
		Rule:              &types.ObjectLockRule{DefaultRetention: &types.DefaultRetention{Mode: b.Mode, Days: aws.Int32(b.Days)}},
	}
}

func (b Bucket) lockedUntil() time.Time { return time.Now().UTC().AddDate(0, 0, int(b.Days)) }

func (b Bucket) create(t *testing.T, client *s3.Client) {
	t.Helper()
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &b.Name, ObjectLockEnabledForBucket: aws.Bool(true),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(b.Region)},
	})
	require.NoError(t, err)
	_, err = client.PutObjectLockConfiguration(t.Context(), &s3.PutObjectLockConfigurationInput{Bucket: &b.Name, ObjectLockConfiguration: b.lock()})
	require.NoError(t, err)
}

func pathStyle(config aws.Config, options ...func(*s3.Options)) *s3.Client {
	return s3.NewFromConfig(config, append(options, func(o *s3.Options) { o.UsePathStyle = true })...)
}

// assume makes a role that may do everything and returns a session of it.
func assume(t *testing.T, root aws.Config, account, role string) aws.Config {
	t.Helper()
	client := iam.NewFromConfig(root)
	_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: &role,
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` +
			account + `:root"},"Action":"sts:AssumeRole"}]}`),
	})
	require.NoError(t, err)
	_, err = client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: &role, PolicyName: aws.String("everything"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`),
	})
	require.NoError(t, err)
	session, err := sts.NewFromConfig(root).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + account + ":role/" + role), RoleSessionName: aws.String("trial"),
	})
	require.NoError(t, err)
	config := root.Copy()
	c := session.Credentials
	config.Credentials = credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	return config
}

func put(t *testing.T, client *s3.Client, bucket, key string) (version *string) {
	t.Helper()
	answer, err := client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: strings.NewReader("body"),
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc32, // a locked bucket takes no upload without a checksum
	})
	require.NoError(t, err)
	return answer.VersionId
}

func read(t *testing.T, client *s3.Client, bucket, key string, version *string) error {
	t.Helper()
	_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key, VersionId: version})
	return err
}

func remove(t *testing.T, client *s3.Client, bucket, key string, version *string, bypass bool) error {
	t.Helper()
	input := &s3.DeleteObjectInput{Bucket: &bucket, Key: &key, VersionId: version}
	if bypass {
		input.BypassGovernanceRetention = aws.Bool(true)
	}
	_, err := client.DeleteObject(t.Context(), input)
	return err
}

func retain(t *testing.T, client *s3.Client, b Bucket, until time.Time, bypass bool) error {
	t.Helper()
	input := &s3.PutObjectRetentionInput{
		Bucket: &b.Name, Key: aws.String("record"),
		Retention: &types.ObjectLockRetention{Mode: b.Mode, RetainUntilDate: aws.Time(until)},
	}
	if bypass {
		input.BypassGovernanceRetention = aws.Bool(true)
	}
	_, err := client.PutObjectRetention(t.Context(), input)
	return err
}
