package tamper_test

import (
	"encoding/json"
	"maps"
)

const (
	region  = "us-east-1" // where IAM's events arrive
	account = "111111111111"
)

// call is an API call of testdata/calls.json. Group is that of the rules that
// have to match, empty when none has to.
type call struct {
	Service, Event, Group string
	DataEvent             bool
	Parameters            map[string]any
}

// caller is who made a call, as CloudTrail writes it.
type caller struct {
	name       string
	deployment bool
	// own is a function of the paper trail, deployer who starts deployments.
	own, deployer bool
	identity      map[string]any
	from          string
	agent         string
}

func role(arn, session string) map[string]any {
	return map[string]any{
		"type":        "AssumedRole",
		"principalId": "AROAEXAMPLE:" + session,
		"arn":         "arn:aws:sts::" + account + ":assumed-role/role/" + session,
		"accountId":   account,
		"accessKeyId": "ASIAEXAMPLE",
		"sessionContext": map[string]any{
			"sessionIssuer": map[string]any{"type": "Role", "principalId": "AROAEXAMPLE", "arn": arn, "accountId": account, "userName": "role"},
			"attributes":    map[string]any{"creationDate": "2026-11-24T08:00:00Z", "mfaAuthenticated": "false"},
		},
	}
}

// through is an identity whose call a service made.
func through(identity map[string]any, service string) map[string]any {
	identity = maps.Clone(identity)
	identity["invokedBy"] = service
	return identity
}

const (
	cloudFormation = "cloudformation.amazonaws.com"
	address        = "203.0.113.64"
	cli            = `aws-cli/2.31.0 md/"quoted"`
	deployRole     = "arn:aws:iam::" + account + ":role/cdk-hnb659fds-cfn-exec-role-" + account + "-" + region
	deployerRole   = "arn:aws:iam::" + account + ":role/cdk-hnb659fds-deploy-role-" + account + "-" + region
	ownRole        = "arn:aws:iam::" + account + ":role/paper-trail-e2e-HandlerRole-7QW1"
	adminRole      = "arn:aws:iam::" + account + ":role/Admin"
)

var callers = []caller{
	{name: "a user", from: address, agent: cli, identity: map[string]any{
		"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::" + account + ":user/mallory",
		"accountId": account, "accessKeyId": "AKIAEXAMPLE", "userName": "mallory",
	}},
	{name: "a deployment", deployment: true, from: cloudFormation, agent: cloudFormation,
		identity: through(role(deployRole, "AWSCloudFormation"), cloudFormation)},
	{name: "an administrator", from: address, agent: cli, identity: role(adminRole, "alice@example.com")},
	{name: "root", from: address, agent: cli, identity: map[string]any{
		"type": "Root", "principalId": account, "arn": "arn:aws:iam::" + account + ":root", "accountId": account,
	}},
	{name: "another account", from: address, agent: cli, identity: map[string]any{
		"type": "AWSAccount", "principalId": "AROAFOREIGN:eve", "accountId": "222222222222",
	}},
	{name: "an administrator through CloudFormation", from: cloudFormation, agent: cloudFormation,
		identity: through(role(adminRole, "alice@example.com"), cloudFormation)},
	{name: "somebody with the deploy role", from: address, agent: cli, identity: role(deployRole, "mallory")},
	{name: "somebody who calls himself CloudFormation", from: address, agent: cloudFormation, identity: role(adminRole, "AWSCloudFormation")},
	{name: "another service", from: "config.amazonaws.com", agent: "config.amazonaws.com",
		identity: through(role("arn:aws:iam::"+account+":role/Remediation", "config"), "config.amazonaws.com")},
	{name: "the cdk CLI", deployer: true, from: address, agent: cli, identity: role(deployerRole, "aws-cdk-mallory")},
	{name: "a function of the paper trail", own: true, from: "198.51.100.7", agent: "aws-sdk-go-v2/1.47.8",
		identity: role(ownRole, "paper-trail-e2e-Handler-4EZ2")},
}

// event wraps a call as EventBridge hears of it.
func (c call) event(by caller, errorCode string) map[string]any {
	detail := map[string]any{
		"eventVersion":       "1.11",
		"userIdentity":       by.identity,
		"eventTime":          "2026-11-24T09:15:00Z",
		"eventSource":        c.Service + ".amazonaws.com",
		"eventName":          c.Event,
		"awsRegion":          region,
		"sourceIPAddress":    by.from,
		"userAgent":          by.agent,
		"requestParameters":  c.Parameters,
		"responseElements":   nil,
		"requestID":          "5c1e2a9d-0000-4000-8000-000000000001",
		"eventID":            "9b2f7c4e-0000-4000-8000-000000000002",
		"readOnly":           false,
		"eventType":          "AwsApiCall",
		"managementEvent":    !c.DataEvent,
		"recipientAccountId": account,
		"eventCategory":      "Management",
	}
	if c.DataEvent {
		detail["eventCategory"] = "Data"
	}
	if errorCode != "" {
		detail["errorCode"] = errorCode
		detail["errorMessage"] = `User: "mallory" is not authorized`
	}
	return map[string]any{
		"version": "0", "id": "7bf73129-0000-4000-8000-000000000003", "detail-type": "AWS API Call via CloudTrail",
		"source": "aws." + c.Service, "account": account, "time": "2026-11-24T09:15:00Z", "region": region,
		"resources": []any{}, "detail": detail,
	}
}

func text(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // plain values
	}
	return string(raw)
}
