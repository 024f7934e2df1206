package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	account  = "111122223333"
	stranger = "999988887777"
	region   = "eu-central-1"

	bucketARN = "arn:aws:s3:::audit"
	objectARN = "arn:aws:s3:::audit/AWSLogs/record.json.gz"
	keyARN    = "arn:aws:kms:eu-central-1:111122223333:key/audit"
	topicARN  = "arn:aws:sns:eu-central-1:111122223333:alerts"
	groupARN  = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/bedrock/model-invocations"
	streamARN = groupARN + ":log-stream:aws/bedrock/modelinvocations"
	trailARN  = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit"
)

// rule makes a statement of a resource policy.
func rule(effect string, principal any, action string, condition map[string]any) map[string]any {
	s := map[string]any{"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}
	if condition != nil {
		s["Condition"] = condition
	}
	return s
}

func service(name string) map[string]any  { return map[string]any{"Service": name} }
func aws(principal string) map[string]any { return map[string]any{"AWS": principal} }

func when(operator, key string, value any) map[string]any {
	return map[string]any{operator: map[string]any{key: value}}
}

// TestSimulatorFollowsIAM pins, for each operator, condition key and kind of principal the
// project's policies rely on, a request that is allowed and one that is denied. The rules are
// those of the IAM User Guide: "Policy evaluation logic" and "Condition operators".
func TestSimulatorFollowsIAM(t *testing.T) {
	t.Parallel()
	var (
		bedrock    = Service("bedrock.amazonaws.com")
		admin      = Admin(account)
		breakGlass = Administrator(account, "security/BreakGlass")
	)
	put := func(p Principal, c Context) Request {
		return Request{Principal: p, Action: "s3:PutObject", Resource: objectARN, Context: c}
	}
	decrypt := func(p Principal, c Context) Request {
		return Request{Principal: p, Action: "kms:Decrypt", Resource: keyARN, Context: c}
	}
	on := func(action, resource string, p Principal, c Context) Request {
		return Request{Principal: p, Action: action, Resource: resource, Context: c}
	}
	delegation := rule("Allow", aws("arn:aws:iam::"+account+":root"), "kms:*", nil)

	cases := []struct {
		name      string
		policy    []any // the resource policy's statements; nil for none
		allow     []Request
		deny      []Request
		allowedBy string // the policy that decides the first allowed request, where it matters
	}{
		{
			name:   "a service is allowed by the resource policy alone, and only the one named",
			policy: []any{rule("Allow", service("bedrock.amazonaws.com"), "s3:PutObject", nil)},
			allow:  []Request{put(bedrock, nil)},
			deny:   []Request{put(Service("delivery.logs.amazonaws.com"), nil), on("s3:GetObject", objectARN, bedrock, nil), put(Anonymous(), nil)},
		},
		{
			name:   "StringEquals on aws:SourceAccount",
			policy: []any{rule("Allow", service("bedrock.amazonaws.com"), "s3:PutObject", when("StringEquals", "aws:SourceAccount", account))},
			allow:  []Request{put(bedrock, Context{"aws:SourceAccount": account})},
			deny:   []Request{put(bedrock, Context{"aws:SourceAccount": stranger}), put(bedrock, nil)},
		},
		{
			name:   "ArnLike on aws:SourceArn compares part by part with wildcards",
			policy: []any{rule("Allow", service("bedrock.amazonaws.com"), "s3:PutObject", when("ArnLike", "aws:SourceArn", "arn:aws:bedrock:eu-central-1:111122223333:*"))},
			allow:  []Request{put(bedrock, Context{"aws:SourceArn": "arn:aws:bedrock:eu-central-1:111122223333:model/x"})},
			deny: []Request{
				put(bedrock, Context{"aws:SourceArn": "arn:aws:bedrock:us-east-1:111122223333:model/x"}),
				put(bedrock, Context{"aws:SourceArn": "arn:aws:bedrock:eu-central-1:999988887777:model/x"}),
				put(bedrock, Context{"aws:SourceArn": "arn:aws:s3:eu-central-1:111122223333:model/x"}),
				put(bedrock, nil),
			},
		},
		{
			name:   "StringEquals on aws:SourceArn and s3:x-amz-acl, both needed",
			policy: []any{rule("Allow", service("cloudtrail.amazonaws.com"), "s3:PutObject", when("StringEquals", "aws:SourceArn", trailARN)), rule("Deny", service("cloudtrail.amazonaws.com"), "s3:PutObject", when("StringNotEquals", "s3:x-amz-acl", "bucket-owner-full-control"))},
			allow:  []Request{put(Service("cloudtrail.amazonaws.com"), Context{"aws:SourceArn": trailARN, "s3:x-amz-acl": "bucket-owner-full-control"})},
			deny: []Request{
				put(Service("cloudtrail.amazonaws.com"), Context{"aws:SourceArn": trailARN, "s3:x-amz-acl": "private"}),
				put(Service("cloudtrail.amazonaws.com"), Context{"aws:SourceArn": trailARN}),
				put(Service("cloudtrail.amazonaws.com"), Context{"aws:SourceArn": trailARN + "2", "s3:x-amz-acl": "bucket-owner-full-control"}),
			},
		},
		{
			name:   "Bool on aws:SecureTransport; the secure connection is filled in",
			policy: []any{rule("Deny", "*", "s3:*", when("Bool", "aws:SecureTransport", "false"))},
			allow:  []Request{put(admin, nil), put(admin, Context{"aws:SecureTransport": Absent})},
			deny:   []Request{put(admin, Context{"aws:SecureTransport": "false"}), put(Root(account), Context{"aws:SecureTransport": "false"})},
		},
		{
			name:   "BoolIfExists is true where the key is absent",
			policy: []any{rule("Deny", "*", "s3:*", when("BoolIfExists", "aws:SecureTransport", "false"))},
			allow:  []Request{put(admin, nil)},
			deny:   []Request{put(admin, Context{"aws:SecureTransport": Absent})},
		},
		{
			name:   "NumericLessThan on s3:TlsVersion; TLS 1.3 is filled in, and nothing over plain HTTP",
			policy: []any{rule("Deny", "*", "s3:*", when("NumericLessThan", "s3:TlsVersion", 1.2))},
			allow:  []Request{put(admin, nil), put(admin, Context{"s3:TlsVersion": "1.2"}), put(admin, Context{"aws:SecureTransport": "false"})},
			deny:   []Request{put(admin, Context{"s3:TlsVersion": "1.1"})},
		},
		{
			name:   "NumericLessThan on s3:object-lock-remaining-retention-days",
			policy: []any{rule("Deny", "*", "s3:PutObjectRetention", when("NumericLessThan", "s3:object-lock-remaining-retention-days", "2557"))},
			allow: []Request{
				on("s3:PutObjectRetention", objectARN, admin, Context{"s3:object-lock-remaining-retention-days": "2557"}),
				on("s3:PutObjectRetention", objectARN, admin, nil),
			},
			deny: []Request{on("s3:PutObjectRetention", objectARN, admin, Context{"s3:object-lock-remaining-retention-days": "2556"})},
		},
		{
			name:   "ArnNotLike on aws:PrincipalArn: a session counts as its role, path included",
			policy: []any{rule("Deny", "*", "s3:DeleteObjectVersion", when("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/security/BreakGlass"))},
			allow:  []Request{on("s3:DeleteObjectVersion", objectARN, breakGlass, nil), put(admin, nil)},
			deny: []Request{
				on("s3:DeleteObjectVersion", objectARN, admin, nil),
				on("s3:DeleteObjectVersion", objectARN, Administrator(account, "BreakGlass"), nil),
				on("s3:DeleteObjectVersion", objectARN, Root(account), nil),
			},
		},
		{
			name:   "a list under ArnNotLike excepts each of its members",
			policy: []any{rule("Deny", "*", "s3:PutBucketPolicy", when("ArnNotLike", "aws:PrincipalArn", []any{"arn:aws:iam::111122223333:role/security/BreakGlass", "arn:aws:iam::111122223333:role/cdk-*-cfn-exec-role-*"}))},
			allow:  []Request{on("s3:PutBucketPolicy", bucketARN, breakGlass, nil), on("s3:PutBucketPolicy", bucketARN, DeployRole(account, region), nil)},
			deny:   []Request{on("s3:PutBucketPolicy", bucketARN, admin, nil), on("s3:PutBucketPolicy", bucketARN, PowerUser(account), nil)},
		},
		{
			name:   "no bucket policy takes its policy out of the hands of the owner's root user",
			policy: []any{rule("Deny", "*", "s3:*", nil)},
			allow: []Request{
				on("s3:GetBucketPolicy", bucketARN, Root(account), nil), on("s3:PutBucketPolicy", bucketARN, Root(account), nil),
				on("s3:DeleteBucketPolicy", bucketARN, Root(account), nil),
			},
			allowedBy: "Amazon S3's own rule",
			deny: []Request{
				on("s3:PutBucketVersioning", bucketARN, Root(account), nil), on("s3:PutBucketPolicy", bucketARN, Root(stranger), nil),
				on("s3:PutBucketPolicy", bucketARN, admin, nil),
			},
		},
		{
			name: "a service has no aws:PrincipalArn, so ArnNotLike hits it",
			policy: []any{
				rule("Allow", service("bedrock.amazonaws.com"), "s3:*", nil),
				rule("Deny", "*", "s3:PutObject", when("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*")),
			},
			allow: []Request{on("s3:GetObject", objectARN, bedrock, nil)},
			deny:  []Request{put(bedrock, nil)},
		},
		{
			name: "Bool on aws:PrincipalIsAWSService spares services",
			policy: []any{
				rule("Allow", service("bedrock.amazonaws.com"), "s3:PutObject", nil),
				rule("Deny", "*", "s3:PutObject", when("BoolIfExists", "aws:PrincipalIsAWSService", "false")),
			},
			allow: []Request{put(bedrock, nil)},
			deny:  []Request{put(admin, nil)},
		},
		{
			name: "ForAnyValue on aws:PrincipalServiceNamesList",
			policy: []any{
				rule("Allow", "*", "s3:PutObject", when("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", "bedrock.amazonaws.com")),
			},
			allow: []Request{put(bedrock, nil)},
			deny:  []Request{put(Service("delivery.logs.amazonaws.com"), nil), put(Principal{account: stranger, path: "role/x"}, nil)},
		},
		{
			name:   "Null tells a key that is there from one that is not",
			policy: []any{rule("Deny", "*", "s3:PutObject", when("Null", "s3:object-lock-mode", "false"))},
			allow:  []Request{put(admin, nil)},
			deny:   []Request{put(admin, Context{"s3:object-lock-mode": "GOVERNANCE"})},
		},
		{
			name:   "StringNotEqualsIfExists is true for an absent key as well",
			policy: []any{rule("Deny", "*", "s3:PutObject", when("StringNotEqualsIfExists", "s3:object-lock-mode", "COMPLIANCE"))},
			allow:  []Request{put(admin, Context{"s3:object-lock-mode": "COMPLIANCE"})},
			deny:   []Request{put(admin, Context{"s3:object-lock-mode": "GOVERNANCE"}), put(admin, nil)},
		},
		{
			name:   "StringLike has wildcards, StringEquals has none",
			policy: []any{rule("Allow", service("bedrock.amazonaws.com"), "s3:PutObject", when("StringLike", "aws:SourceArn", "arn:aws:bedrock:*")), rule("Allow", service("logs.amazonaws.com"), "s3:PutObject", when("StringEquals", "aws:SourceArn", "arn:aws:logs:*"))},
			allow:  []Request{put(bedrock, Context{"aws:SourceArn": "arn:aws:bedrock:eu-central-1:1:x"})},
			deny:   []Request{put(Service("logs.amazonaws.com"), Context{"aws:SourceArn": "arn:aws:logs:eu-central-1:1:x"})},
		},
		{
			name:   "an account in a resource policy delegates to that account's identity policies",
			policy: []any{rule("Allow", aws("arn:aws:iam::"+stranger+":root"), "s3:GetObject", nil)},
			allow:  []Request{on("s3:GetObject", objectARN, Admin(stranger), nil)},
			deny:   []Request{on("s3:GetObject", objectARN, Role(stranger, "Nobody"), nil), put(Admin(stranger), nil)},
		},
		{
			name:      "within the account an identity policy suffices for S3",
			policy:    []any{rule("Deny", "*", "s3:PutObject", nil)},
			allow:     []Request{on("s3:GetObject", objectARN, admin, nil), on("s3:GetObject", objectARN, Root(account), nil)},
			allowedBy: "identity policy AdministratorAccess",
			deny:      []Request{put(admin, nil), on("s3:GetObject", objectARN, Role(account, "Nobody"), nil), on("s3:GetObject", objectARN, Admin(stranger), nil)},
		},
		{
			name:   "a role named in a resource policy needs no identity policy",
			policy: []any{rule("Allow", aws("arn:aws:iam::111122223333:role/Reader"), "s3:GetObject", nil)},
			allow:  []Request{on("s3:GetObject", objectARN, Role(account, "Reader"), nil)},
			deny:   []Request{on("s3:GetObject", objectARN, Role(account, "Other"), nil), on("s3:GetObject", objectARN, Role(stranger, "Reader"), nil)},
		},
		{
			name:   "a public statement reaches anonymous callers",
			policy: []any{rule("Allow", "*", "s3:GetObject", nil)},
			allow:  []Request{on("s3:GetObject", objectARN, Anonymous(), nil)},
			deny:   []Request{put(Anonymous(), nil)},
		},
		{
			name:   "a key policy that delegates lets identity policies decide, but no service",
			policy: []any{delegation},
			allow:  []Request{decrypt(admin, nil), on("kms:ScheduleKeyDeletion", keyARN, Root(account), nil)},
			deny:   []Request{decrypt(Role(account, "Nobody"), nil), decrypt(bedrock, nil), decrypt(Admin(stranger), nil)},
		},
		{
			name:   "a key policy that does not delegate shuts even administrators out",
			policy: []any{rule("Allow", service("bedrock.amazonaws.com"), "kms:*", nil)},
			allow:  []Request{decrypt(bedrock, nil)},
			deny:   []Request{decrypt(admin, nil)},
		},
		{
			name:   "kms:ViaService",
			policy: []any{delegation, rule("Deny", "*", "kms:Decrypt", when("StringNotEquals", "kms:ViaService", "logs.eu-central-1.amazonaws.com"))},
			allow:  []Request{decrypt(admin, Context{"kms:ViaService": "logs.eu-central-1.amazonaws.com"})},
			deny:   []Request{decrypt(admin, Context{"kms:ViaService": "s3.eu-central-1.amazonaws.com"}), decrypt(admin, nil)},
		},
		{
			name:   "ArnEquals on kms:EncryptionContext with a key that has colons",
			policy: []any{rule("Allow", service("logs.eu-central-1.amazonaws.com"), "kms:Decrypt", when("ArnEquals", "kms:EncryptionContext:aws:logs:arn", groupARN))},
			allow:  []Request{decrypt(Service("logs.eu-central-1.amazonaws.com"), Context{"kms:EncryptionContext:aws:logs:arn": groupARN})},
			deny: []Request{
				decrypt(Service("logs.eu-central-1.amazonaws.com"), Context{"kms:EncryptionContext:aws:logs:arn": groupARN + "-other"}),
				decrypt(Service("logs.eu-central-1.amazonaws.com"), nil),
				decrypt(Service("logs.us-east-1.amazonaws.com"), Context{"kms:EncryptionContext:aws:logs:arn": groupARN}),
			},
		},
		{
			name:   "StringLike on kms:EncryptionContext",
			policy: []any{rule("Allow", service("cloudtrail.amazonaws.com"), "kms:GenerateDataKey*", when("StringLike", "kms:EncryptionContext:aws:cloudtrail:arn", "arn:aws:cloudtrail:*:111122223333:trail/*"))},
			allow:  []Request{on("kms:GenerateDataKey", keyARN, Service("cloudtrail.amazonaws.com"), Context{"kms:EncryptionContext:aws:cloudtrail:arn": trailARN})},
			deny:   []Request{on("kms:GenerateDataKey", keyARN, Service("cloudtrail.amazonaws.com"), Context{"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:eu-central-1:999988887777:trail/x"})},
		},
		{
			name:   "kms:CallerAccount is filled in",
			policy: []any{rule("Allow", "*", "kms:Decrypt", when("StringEquals", "kms:CallerAccount", account))},
			allow:  []Request{decrypt(Role(account, "Nobody"), nil)},
			deny:   []Request{decrypt(Admin(stranger), nil)},
		},
		{
			name:   "a topic policy for alarms of this account",
			policy: []any{rule("Allow", service("cloudwatch.amazonaws.com"), "SNS:Publish", map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:*"}, "StringEquals": map[string]any{"aws:SourceAccount": account}})},
			allow:  []Request{on("sns:Publish", topicARN, Service("cloudwatch.amazonaws.com"), Context{"aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:x", "aws:SourceAccount": account})},
			deny: []Request{
				on("sns:Publish", topicARN, Service("cloudwatch.amazonaws.com"), Context{"aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:999988887777:alarm:x", "aws:SourceAccount": stranger}),
				on("sns:Publish", topicARN, Service("cloudwatch.amazonaws.com"), Context{"aws:SourceAccount": account}),
				on("sns:Publish", topicARN, Service("events.amazonaws.com"), Context{"aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:x", "aws:SourceAccount": account}),
			},
		},
		{
			name: "NotAction with Allow, as in PowerUserAccess",
			allow: []Request{
				on("sns:Publish", topicARN, PowerUser(account), nil),
				on("bedrock:PutModelInvocationLoggingConfiguration", "*", PowerUser(account), nil),
			},
			deny: []Request{on("iam:PassRole", "arn:aws:iam::111122223333:role/Logging", PowerUser(account), nil)},
		},
		{
			name:   "NotAction with Deny",
			policy: []any{map[string]any{"Effect": "Deny", "Principal": "*", "NotAction": "s3:GetObject", "Resource": "*"}},
			allow:  []Request{on("s3:GetObject", objectARN, admin, nil)},
			deny:   []Request{put(admin, nil)},
		},
		{
			name: "iam:PassedToService",
			allow: []Request{on("iam:PassRole", "arn:aws:iam::111122223333:role/Logging", Role(account, "Handler", document(map[string]any{
				"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/Logging",
				"Condition": when("StringEquals", "iam:PassedToService", "bedrock.amazonaws.com"),
			})), Context{"iam:PassedToService": "bedrock.amazonaws.com"})},
			deny: []Request{on("iam:PassRole", "arn:aws:iam::111122223333:role/Logging", Role(account, "Handler", document(map[string]any{
				"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/Logging",
				"Condition": when("StringEquals", "iam:PassedToService", "bedrock.amazonaws.com"),
			})), Context{"iam:PassedToService": "lambda.amazonaws.com"})},
		},
		{
			name: "a log stream is matched exactly",
			allow: []Request{on("logs:PutLogEvents", streamARN, Role(account, "Logging", document(map[string]any{
				"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": streamARN})), nil)},
			deny: []Request{
				on("logs:PutLogEvents", groupARN+":log-stream:other", Role(account, "Logging", document(map[string]any{
					"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": streamARN})), nil),
				// LogGroupArn ends in ":*"; what is glued behind it matches nothing.
				on("logs:PutLogEvents", streamARN, Role(account, "Logging", document(map[string]any{
					"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": groupARN + ":*:log-stream:aws/bedrock/modelinvocations"})), nil),
			},
		},
		{
			name:   "partitions keep apart",
			policy: []any{rule("Deny", "*", "s3:*", when("ArnNotLike", "aws:PrincipalArn", "arn:aws-cn:iam::111122223333:role/Admin"))},
			allow:  []Request{on("s3:GetObject", "arn:aws-cn:s3:::audit/x", admin, nil)},
			deny:   []Request{on("s3:GetObject", objectARN, admin, nil)},
		},
	}

	var requests []Request
	for _, c := range cases {
		for _, r := range append(append([]Request{}, c.allow...), c.deny...) {
			r.Account, r.Region = account, region
			if c.policy != nil {
				r.ResourcePolicy = document(c.policy...)
			}
			requests = append(requests, r)
		}
	}
	results, err := Evaluate(requests...)
	require.NoError(t, err)
	for _, c := range cases {
		mine := results[:len(c.allow)+len(c.deny)]
		results = results[len(mine):]
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for i, result := range mine {
				if i < len(c.allow) {
					assert.Equal(t, Allowed, result.Verdict, "allowed request %d\n%s", i+1, result.Explain())
				} else {
					assert.NotEqual(t, Allowed, result.Verdict, "denied request %d\n%s", i-len(c.allow)+1, result.Explain())
				}
			}
			if c.allowedBy != "" {
				assert.Equal(t, c.allowedBy, mine[0].Statements[0].Policy)
			}
		})
	}
}

func TestTrustPolicyDecidesWhoAssumesARole(t *testing.T) {
	t.Parallel()
	trust := func(principal any) map[string]any {
		return document(map[string]any{
			"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole",
			"Condition": when("StringEquals", "aws:SourceAccount", account),
		})
	}
	role := "arn:aws:iam::111122223333:role/Logging"
	request := func(p Principal, source string) Request {
		return Request{
			Principal: p, Action: "sts:AssumeRole", Resource: role, Account: account,
			Context: Context{"aws:SourceAccount": source}, ResourcePolicy: trust(service("bedrock.amazonaws.com")),
		}
	}
	results, err := Evaluate(
		request(Service("bedrock.amazonaws.com"), account),
		request(Service("bedrock.amazonaws.com"), stranger),
		request(Service("lambda.amazonaws.com"), account),
		request(Admin(account), account),
	)
	require.NoError(t, err)
	assert.Equal(t, Allowed, results[0].Verdict)
	for i, r := range results[1:] {
		assert.Equal(t, ImplicitlyDenied, r.Verdict, "request %d\n%s", i+2, r.Explain())
	}
}

func TestRequestsAWSDoesNotKnowAreErrorsReportedTogether(t *testing.T) {
	t.Parallel()
	cases := []struct {
		request Request
		message string
	}{
		{Request{Action: "s4:GetObject", Resource: objectARN}, "the service does not exist; correct the action (invalid.service)"},
		{Request{Action: "s3:GetObjekt", Resource: objectARN}, "the service has no such action; correct it (invalid.action)"},
		{Request{Action: "kms:Decript", Resource: keyARN, Context: Context{"kms:EncryptionContext:a": "b"}}, "the service has no such action; correct it (invalid.action)"},
		{Request{Action: "s3:GetObject", Resource: bucketARN}, "the action does not work on such a resource; name one of the right type (no.resource.types)"},
		{Request{Action: "bedrock:GetModelInvocationLoggingConfiguration", Resource: objectARN}, `the action has no resource types; write the resource "*" (must.use.wildcard)`},
		{Request{Action: "s3:GetObject", Resource: objectARN, Context: Context{"kms:ViaService": "x"}}, "the context key kms:ViaService is not part of this action's requests; leave it out"},
		{Request{Action: "kms:DescribeKey", Resource: keyARN, Context: Context{"kms:EncryptionContext:aws:logs:arn": "x"}}, "the context key kms:EncryptionContext:aws:logs:arn is not part of this action's requests; leave it out"},
		{Request{Action: "s3:PutObject", Resource: objectARN, ResourcePolicy: document(map[string]any{"Effect": "Permit", "Principal": "*", "Action": "s3:*", "Resource": "*"})}, "a policy is not valid (policy.errors"},
		{Request{Action: "s3:PutObject", Resource: objectARN, ResourcePolicy: document(rule("Deny", "*", "s3:PutObject", when("ArnNotLike", "aws:SourceArn", "*BreakGlass"))), Context: Context{"aws:SourceArn": trailARN}}, `a condition compares what it cannot; correct the policy's or the request's value (condition.errors ArnNotLike aws:SourceArn "*BreakGlass": Invalid ARN)`},
		{Request{Action: "s3:PutObject", Resource: objectARN, ResourcePolicy: document(rule("Deny", "*", "s3:PutObject", when("NumericLessThan", "s3:TlsVersion", "TLS1.2")))}, `(condition.errors NumericLessThan s3:TlsVersion "TLS1.2": TLS1.2 is not a number)`},
		{Request{Action: "s3:PutObject", Resource: objectARN, ResourcePolicy: document(map[string]any{"Effect": "Deny", "NotPrincipal": aws("arn:aws:iam::111122223333:root"), "Action": "s3:*", "Resource": "*"})}, "the simulator reads NotPrincipal more leniently than AWS; write a condition on aws:PrincipalArn (not.principal)"},
	}
	sound := Request{Principal: Admin(account), Action: "s3:GetObject", Resource: objectARN, Account: account}
	requests := []Request{sound}
	for _, c := range cases {
		c.request.Principal, c.request.Account = Role(account, "Caller"), account
		requests = append(requests, c.request)
	}
	_, err := Evaluate(requests...)
	require.Error(t, err)
	for _, c := range cases {
		assert.ErrorContains(t, err, "policy: 111122223333:role/Caller "+c.request.Action+" on "+c.request.Resource+": ")
		assert.ErrorContains(t, err, c.message)
	}
	assert.NotContains(t, err.Error(), Admin(account).String(), "a sound request is not reported")
}

func TestExplainSaysWhyAStatementDoesNotApply(t *testing.T) {
	t.Parallel()
	results, err := Evaluate(Request{
		Principal: Service("logs.eu-central-1.amazonaws.com"), Action: "kms:Decrypt", Resource: keyARN, Account: account,
		Context: Context{"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:111122223333:log-group:other"},
		ResourcePolicy: document(
			rule("Allow", service("logs.eu-central-1.amazonaws.com"), "kms:Decrypt", when("ArnEquals", "kms:EncryptionContext:aws:logs:arn", groupARN)),
			rule("Allow", service("bedrock.amazonaws.com"), "kms:Decrypt", when("StringEquals", "aws:SourceAccount", account)),
			rule("Allow", service("bedrock.amazonaws.com"), "kms:Encrypt", nil),
		),
	}, Request{Principal: Admin(account), Action: "kms:Decrypt", Resource: keyARN, Account: account})
	require.NoError(t, err)
	assert.Equal(t, `resource policy, statement 1 (Allow) does not apply: ArnEquals kms:EncryptionContext:aws:logs:arn ["`+groupARN+`"]: the request has "arn:aws:logs:eu-central-1:111122223333:log-group:other"
resource policy, statement 2 (Allow) does not apply: principal differs; StringEquals aws:SourceAccount ["111122223333"]: the request has none`, results[0].Explain())
	assert.Equal(t, "identity policy AdministratorAccess, statement 1 (Allow) applies", results[1].Explain())
	assert.Equal(t, "no statement is about this action and resource", Result{}.Explain())
}
