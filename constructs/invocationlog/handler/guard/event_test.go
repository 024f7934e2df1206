package guard

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorded has the shape of an event that EventBridge delivers for CloudTrail.
const recorded = `{
  "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
  "detail-type": "AWS API Call via CloudTrail", "source": "aws.bedrock", "account": "111122223333",
  "time": "2026-11-24T12:00:05Z", "region": "eu-west-1", "resources": [],
  "detail": {
    "eventVersion": "1.11",
    "userIdentity": {
      "type": "AssumedRole", "principalId": "AROAEXAMPLE:mallory",
      "arn": "arn:aws:sts::111122223333:assumed-role/Admin/mallory", "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE",
      "sessionContext": {
        "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE", "arn": "arn:aws:iam::111122223333:role/team/Admin", "accountId": "111122223333", "userName": "Admin"},
        "attributes": {"creationDate": "2026-11-24T11:59:00Z", "mfaAuthenticated": "false"}
      }
    },
    "eventTime": "2026-11-24T12:00:05Z", "eventSource": "bedrock.amazonaws.com",
    "eventName": "PutModelInvocationLoggingConfiguration", "awsRegion": "eu-west-1",
    "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.31.0",
    "requestParameters": {"loggingConfig": {"s3Config": {"bucketName": "theirs", "keyPrefix": ""}, "textDataDeliveryEnabled": false, "newMember": 1}},
    "responseElements": null, "requestID": "r", "eventID": "0f3c1ed2", "readOnly": false,
    "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "111122223333", "eventCategory": "Management"
  }
}`

func TestACallIsReadFromItsEvent(t *testing.T) {
	t.Parallel()
	c := decode([]byte(recorded))
	require.NotNil(t, c)
	require.NotNil(t, c.requested)
	assert.Equal(t, "theirs", c.requested.S3Config.BucketName)
	c.requested = nil
	assert.Equal(t, &call{
		operation: putOperation, id: "0f3c1ed2", at: time.Date(2026, 11, 24, 12, 0, 5, 0, time.UTC), region: "eu-west-1",
		caller: "arn:aws:sts::111122223333:assumed-role/Admin/mallory", account: "111122223333",
		issuer: "arn:aws:iam::111122223333:role/team/Admin", session: "mallory",
		sourceIP: "203.0.113.7", userAgent: "aws-cli/2.31.0",
	}, c)
}

func TestCallersOfEveryKind(t *testing.T) {
	t.Parallel()
	for identity, want := range map[string]call{
		`{"type":"IAMUser","arn":"arn:aws:iam::1:user/alice","accountId":"1"}`:     {caller: "arn:aws:iam::1:user/alice", account: "1"},
		`{"type":"Root","arn":"arn:aws:iam::1:root","accountId":"1"}`:              {caller: "arn:aws:iam::1:root", account: "1"},
		`{"type":"AWSService","invokedBy":"x.amazonaws.com"}`:                      {caller: "x.amazonaws.com", account: "9"},
		`{"type":"IdentityCenterUser","principalId":"AROA:alice","accountId":"1"}`: {caller: "AROA:alice", account: "1"},
		`{"type":"Unknown"}`: {caller: "Unknown", account: "9"},
		`{}`:                 {account: "9"},
		`"text"`:             {account: "9"},
		`{"arn":["a"],"sessionContext":{"sessionIssuer":"x"}}`: {account: "9"},
	} {
		c := decode([]byte(`{"detail":{"eventName":"DeleteModelInvocationLoggingConfiguration","recipientAccountId":"9","eventTime":"noon","userIdentity":` + identity + `}}`))
		want.operation = deleteOperation
		assert.Equal(t, &want, c, identity)
	}
}

func TestWhatIsNoCallIsARunOfTheSchedule(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		schedule, ``, `[]`, `null`, `{"detail":null}`, `{"detail":[]}`, `{"detail":{"eventName":null}}`,
		`{"detail":{"eventName":"GetModelInvocationLoggingConfiguration"}}`, `{"detail":{"eventName":"InvokeModel"}}`,
	} {
		assert.Nil(t, decode([]byte(payload)), payload)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(recorded))
	f.Add([]byte(schedule))
	f.Add([]byte(`{"detail":{"eventName":"DeleteModelInvocationLoggingConfiguration","userIdentity":{"arn":"a/b/c"},"errorCode":"x"}}`))
	f.Add([]byte(`{"detail":{"eventName":"PutModelInvocationLoggingConfiguration","requestParameters":{"loggingConfig":{"s3Config":{"bucketName":"\u202e<"}}}}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		c := decode(payload)
		if c == nil {
			return
		}
		// Whatever comes is told in a message that SNS takes.
		checkMessage(t, incident{call: c})
	})
}
