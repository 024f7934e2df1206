package customresource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxAnswerBytes is the longest answer that CloudFormation accepts (AWS
// CloudFormation user guide, "Custom resource response objects").
const maxAnswerBytes = 4096

// answer is a custom resource response.
type answer struct {
	Status             string            `json:"Status"`
	Reason             string            `json:"Reason,omitempty"`
	PhysicalResourceID string            `json:"PhysicalResourceId"`
	StackID            string            `json:"StackId"`
	RequestID          string            `json:"RequestId"`
	LogicalResourceID  string            `json:"LogicalResourceId"`
	NoEcho             bool              `json:"NoEcho"`
	Data               map[string]string `json:"Data,omitempty"`
}

// encode returns the answer as JSON, its reason shortened in the middle until
// all of it fits: the head says what failed, the tail what to do.
func (a answer) encode() []byte {
	a.Reason = strings.ToValidUTF8(a.Reason, "\uFFFD")
	reason := []rune(a.Reason)
	body := a.json()
	for keep := len(reason); len(body) > maxAnswerBytes && keep > 0; body = a.json() {
		// No character takes more than six bytes in JSON, so this never
		// drops more than needed.
		keep = max(0, keep-(len(body)-maxAnswerBytes+5)/6)
		head := keep * 2 / 3
		a.Reason = string(reason[:head]) + " … " + string(reason[len(reason)-(keep-head):])
	}
	return body
}

func (a answer) json() []byte {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	// Text and maps of text always encode.
	_ = encoder.Encode(a)
	return bytes.TrimSpace(body.Bytes())
}

// attemptTimeout bounds one delivery of an answer.
const attemptTimeout = 10 * time.Second

// put delivers body once. Its error never holds the address's query, which is
// what makes the address a secret: a client would follow redirects and quote
// addresses in its errors, a transport does neither.
func put(ctx context.Context, transport http.RoundTripper, address string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address for the answer is no web address")
	}
	// The address is signed for a request without content type; net/http adds
	// none on its own.
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("answer refused with HTTP status %s", response.Status)
	}
	return nil
}
