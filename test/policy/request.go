package policy

import (
	"maps"
	"slices"
	"strings"
)

// Context holds condition keys of a request, such as aws:SourceArn. [Absent] as a value removes
// a key that would be filled in.
type Context map[string]string

// Absent removes a condition key from a request.
const Absent = "\x00absent"

// Request is one call to AWS whose authorisation is evaluated.
//
// As AWS would, a request carries by itself what is known of the principal
// (aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType, aws:PrincipalIsAWSService,
// aws:PrincipalServiceName, aws:ViaAWSService, kms:CallerAccount), the resource
// (aws:ResourceAccount, s3:ResourceAccount), the Region (aws:RequestedRegion) and the
// connection: aws:SecureTransport "true" and s3:TlsVersion "1.3", the latter only over TLS.
// Tags of the request (aws:RequestTag/KEY) bring the list of their keys, aws:TagKeys, whose
// values are separated by commas.
type Request struct {
	// Principal is the caller. Default: anonymous.
	Principal Principal
	// Action is the action, such as "s3:PutObject". Required.
	Action string
	// Resource is the ARN acted on, or "*" for an action without resource types. Required.
	Resource string
	// Account is the 12-digit id of the account that owns the resource. Required.
	Account string
	// Region is the Region the request is sent to. Default: none, and no aws:RequestedRegion.
	Region string
	// Context adds condition keys, or replaces those filled in. Default: none.
	Context Context
	// ResourcePolicy is the policy attached to the resource. Default: none.
	ResourcePolicy map[string]any
	// ServiceControlPolicies are attached to the principal's account, beside FullAWSAccess. They
	// bind its users and roles and its root user, whoever owns the resource. Services,
	// service-linked roles and anonymous callers are not bound (AWS Organizations user guide,
	// "Service control policies"). Default: none.
	ServiceControlPolicies []map[string]any
}

// serviceControlPolicies are those that bind the principal.
func (r Request) serviceControlPolicies() []namedPolicy {
	if r.Principal.account == "" || strings.HasPrefix(r.Principal.path, "role/aws-service-role/") {
		return nil
	}
	return numbered(r.ServiceControlPolicies)
}

// context merges the keys AWS fills in with those of the request.
func (r Request) context() Context {
	context := r.Principal.context(r.partition())
	context["aws:ResourceAccount"] = r.Account
	context["s3:ResourceAccount"] = r.Account
	context["aws:SecureTransport"] = "true"
	if r.Region != "" {
		context["aws:RequestedRegion"] = r.Region
	}
	maps.Copy(context, r.Context)
	if _, given := r.Context["s3:TlsVersion"]; !given && context["aws:SecureTransport"] == "true" {
		context["s3:TlsVersion"] = "1.3"
	}
	if _, given := r.Context["aws:TagKeys"]; !given && requestTagKeys(r.Context) != "" {
		context["aws:TagKeys"] = requestTagKeys(r.Context)
	}
	maps.DeleteFunc(context, func(_, value string) bool { return value == Absent })
	return context
}

// requestTagKeys are the keys of the tags that a request sends, as it spells them.
func requestTagKeys(context Context) string {
	var keys []string
	for _, name := range slices.Sorted(maps.Keys(context)) {
		if key, ok := strings.CutPrefix(name, "aws:RequestTag/"); ok && context[name] != Absent {
			keys = append(keys, key)
		}
	}
	return strings.Join(keys, ",")
}

// partition is that of the resource: a principal never reaches into another partition.
func (r Request) partition() string {
	if parts := strings.SplitN(r.Resource, ":", 3); len(parts) == 3 && parts[1] != "" {
		return parts[1]
	}
	return partition(r.Region)
}

// isOwnersRootOnBucketPolicy tells the one request a bucket policy cannot deny: S3 lets the root
// user of the bucket owner's account read, replace and delete the policy whatever it says
// (Amazon S3 API Reference, PutBucketPolicy).
func (r Request) isOwnersRootOnBucketPolicy() bool {
	switch r.Action {
	case "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy":
		return r.Principal.path == "root" && r.Principal.account == r.Account
	default:
		return false
	}
}
