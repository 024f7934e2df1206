package papertrail_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

// What the policies refuse is refused for as long as they are attached: a
// policy goes with its bucket, and not before.
func TestABucketKeepsItsPolicy(t *testing.T) {
	for env, fate := range map[string]string{"kept": "Retain", "sealed": "Retain", "disposable": "Delete"} {
		load(t, env)
		found := 0
		for _, stack := range synthesised[env] {
			resources := stack.Template["Resources"].(map[string]any)
			policies := map[any]map[string]any{}
			for _, r := range resources {
				if r := r.(map[string]any); r["Type"] == "AWS::S3::BucketPolicy" {
					bucket := r["Properties"].(map[string]any)["Bucket"].(map[string]any)
					policies[bucket["Ref"]] = r
				}
			}
			for id, r := range resources {
				bucket := r.(map[string]any)
				if bucket["Type"] != "AWS::S3::Bucket" {
					continue
				}
				found++
				require.Contains(t, policies, id, stack.Name)
				for _, attribute := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
					assert.Equal(t, fate, bucket[attribute], "%s of %s in %s", attribute, id, stack.Name)
					assert.Equal(t, fate, policies[id][attribute], "%s of the policy of %s in %s", attribute, id, stack.Name)
				}
			}
		}
		assert.NotZero(t, found, env)
	}
}

// Everybody would be spared what the policies refuse.
func TestAWildcardIsNoBreakGlassAndNoDeployment(t *testing.T) {
	stack := cdktest.NewStack(t)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	for _, wildcard := range []string{"*", "**", "?", "*:*"} {
		arn, arns := jsii.String(wildcard), jsii.Strings(wildcard)
		for made, refused := range map[string]func(id *string){
			"key with break-glass": func(id *string) {
				auditstore.NewAuditKey(stack, id, &auditstore.AuditKeyProps{BreakGlassPrincipalArn: arn})
			},
			"key with deployment": func(id *string) {
				auditstore.NewAuditKey(stack, id, &auditstore.AuditKeyProps{DeployPrincipalArns: arns})
			},
			"bucket with break-glass": func(id *string) {
				auditstore.NewAuditBucket(stack, id, &auditstore.AuditBucketProps{Key: key, BreakGlassPrincipalArn: arn})
			},
			"bucket with deployment": func(id *string) {
				auditstore.NewAuditBucket(stack, id, &auditstore.AuditBucketProps{Key: key, DeployPrincipalArns: arns})
			},
		} {
			name := made + " " + wildcard
			message := cdktest.Panics(t, func() { refused(&name) })
			assert.Contains(t, message, `has to be the ARN of an IAM principal, got "`+wildcard+`"`, name)
		}
		_, err := config.Parse("environments.yaml", []byte(strings.Replace(environments, "arn:aws:iam::111122223333:role/BreakGlass", strconv.Quote(wildcard), 1)))
		assert.ErrorContains(t, err, "breakGlassRoleArn", wildcard)
	}
}
