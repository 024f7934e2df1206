package guard

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

// The API operations that change the logging configuration.
const (
	putOperation    = "PutModelInvocationLoggingConfiguration"
	deleteOperation = "DeleteModelInvocationLoggingConfiguration"
)

// call is a call of one of them, as CloudTrail tells it (AWS CloudTrail user
// guide, "CloudTrail record contents"). What CloudTrail left out is empty.
type call struct {
	operation string
	id        string
	at        time.Time
	region    string

	caller    string // ARN, or what comes closest to one
	account   string
	issuer    string // ARN of the role behind a session
	session   string // name of that session
	sourceIP  string
	userAgent string

	errorCode    string
	errorMessage string
	// requested is what a Put asked for; nil where it cannot be told.
	requested *logging.Config
}

func (c *call) refused() bool { return c != nil && c.errorCode != "" }

// decode finds the call in an event of EventBridge. It is nil where the event
// is none of a call: then the run is one of the schedule. Nothing in an event
// stops the checks, and what cannot be read of a call is left empty, because a
// call that is told in part is better than one that is not told.
func decode(payload []byte) *call {
	detail := object(payload).member("detail")
	operation := detail.text("eventName")
	if operation != putOperation && operation != deleteOperation {
		return nil
	}
	identity := detail.member("userIdentity")
	issuer := identity.member("sessionContext").member("sessionIssuer")
	c := &call{
		operation:    operation,
		id:           detail.text("eventID"),
		region:       detail.text("awsRegion"),
		caller:       first(identity.text("arn"), identity.text("invokedBy"), identity.text("principalId"), identity.text("type")),
		account:      first(identity.text("accountId"), issuer.text("accountId"), detail.text("recipientAccountId")),
		issuer:       issuer.text("arn"),
		sourceIP:     detail.text("sourceIPAddress"),
		userAgent:    detail.text("userAgent"),
		errorCode:    detail.text("errorCode"),
		errorMessage: detail.text("errorMessage"),
	}
	c.at, _ = time.Parse(time.RFC3339, detail.text("eventTime"))
	if parts := strings.Split(identity.text("arn"), "/"); len(parts) == 3 && strings.HasSuffix(parts[0], ":assumed-role") {
		c.session = parts[2]
	}
	if raw, ok := detail.member("requestParameters")["loggingConfig"]; ok {
		var requested *logging.Config
		if json.Unmarshal(raw, &requested) == nil {
			c.requested = requested
		}
	}
	return c
}

// members are those of a JSON object; none where it is no object.
type members map[string]json.RawMessage

func object(raw []byte) members {
	var m members
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

func (m members) member(name string) members { return object(m[name]) }

func (m members) text(name string) (value string) {
	if json.Unmarshal(m[name], &value) != nil {
		return ""
	}
	return value
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
