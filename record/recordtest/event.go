package recordtest

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// event writes the CloudTrail event of a call, and for streams the second one
// that the service itself emits.
func (w *writer) event(c *call) {
	p := &w.events
	if p.b[len(p.b)-1] == '}' {
		p.raw(",")
	}
	p.raw(`{"eventVersion":"1.11","userIdentity":`)
	w.identity(p, c)
	p.raw(`,"eventTime":"`, c.at.Format(time.RFC3339), `","eventSource":"bedrock.amazonaws.com","eventName":"`, c.operation.name(),
		`","awsRegion":"`, c.region, `","sourceIPAddress":"203.0.113.`)
	p.int(int64(len(c.caller.arn)))
	p.raw(`","userAgent":"aws-sdk-go-v2/1.47.8 ua/2.1 os/linux lang/go#1.26.0 md/GOOS#linux api/bedrockruntime#1.63.12"`)
	if c.errorCode != "" {
		p.raw(`,"errorCode":"`, c.errorCode, `","errorMessage":"The call was not served."`)
	}
	p.raw(`,"requestParameters":{"modelId":"`, c.modelID, `"},"responseElements":null`)
	if c.servedIn != "" {
		p.raw(`,"additionalEventData":{"inferenceRegion":"`, c.servedIn, `"}`)
	}
	p.raw(`,"requestID":"`, c.id, `","eventID":"`)
	p.uuid()
	p.raw(`","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"`, c.account,
		`","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"bedrock-runtime.`,
		c.region, `.amazonaws.com"}}`)
	w.truth.Events++
	if c.errorCode != "" || c.operation != converseStream && c.operation != invokeModelStream {
		return
	}
	p.raw(`,{"eventVersion":"1.11","userIdentity":{"accountId":"`, c.account, `","invokedBy":"bedrock.amazonaws.com"},"eventTime":"`,
		c.at.Format(time.RFC3339), `","eventSource":"bedrock.amazonaws.com","eventName":"`, c.operation.name(),
		`","awsRegion":"`, c.region, `","sourceIPAddress":"bedrock.amazonaws.com","userAgent":"bedrock.amazonaws.com","requestParameters":null,"responseElements":null,"serviceEventDetails":{"inputTokens":`)
	p.int(c.input)
	p.raw(`,"outputTokens":`)
	p.int(c.output)
	p.raw(`},"requestID":"`, c.id, `","eventID":"`)
	p.uuid()
	p.raw(`","readOnly":true,"eventType":"AwsServiceEvent","managementEvent":true,"recipientAccountId":"`, c.account, `","eventCategory":"Management"}`)
}

func (w *writer) identity(p *pen, c *call) {
	name := c.caller.principal[strings.LastIndexByte(c.caller.principal, '/')+1:]
	switch c.caller.kind {
	case "AssumedRole":
		p.raw(`{"type":"AssumedRole","principalId":"AROAEXAMPLE`, strings.ToUpper(name[:4]), `:`, c.caller.session, `","arn":"`, c.caller.arn,
			`","accountId":"`, c.account, `","accessKeyId":"ASIAEXAMPLEEXAMPLE00","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE`,
			strings.ToUpper(name[:4]), `","arn":"`, c.caller.principal, `","accountId":"`, c.account, `","userName":"`, name,
			`"},"attributes":{"creationDate":"`, c.at.Truncate(time.Hour).Format(time.RFC3339), `","mfaAuthenticated":"false"}}}`)
	case "IAMUser":
		p.raw(`{"type":"IAMUser","principalId":"AIDAEXAMPLE`, strings.ToUpper(name[:4]), `","arn":"`, c.caller.arn, `","accountId":"`, c.account,
			`","accessKeyId":"AKIAEXAMPLEEXAMPLE00","userName":"`, name, `"}`)
	default:
		p.raw(`{"type":"Root","principalId":"`, c.account, `","arn":"`, c.caller.arn, `","accountId":"`, c.account, `","accessKeyId":"AKIAEXAMPLEEXAMPLE01"}`)
	}
}

// deliverEvents puts the events of a batch into a log file of CloudTrail.
func (w *writer) deliverEvents(b *batch, at time.Time) error {
	w.events.raw("]}")
	var object bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&object, gzip.BestSpeed)
	zip.Write(w.events.b) // into memory
	zip.Close()
	key := fmt.Sprintf("%sCloudTrail/%s/%s/%s_CloudTrail_%s_%s_%016X.json.gz", w.traffic.account(b.account), b.region,
		at.Format("2006/01/02"), b.account, b.region, at.Format("20060102T1504Z"), w.random.Uint64())
	return w.put(key, object.Bytes())
}
