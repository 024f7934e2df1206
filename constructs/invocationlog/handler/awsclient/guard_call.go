package awsclient

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// caller makes signed calls without the SDK's clients. Each of those brings the
// schemas of all its operations; the six of the guard, for one operation each,
// would take five megabytes of memory from both functions.
type caller struct {
	config aws.Config
	signer *v4.Signer
}

func newCaller(config aws.Config) caller {
	return caller{config: config, signer: v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = true // paths are escaped once, as S3 wants it
	})}
}

// callJSON calls an operation by the protocol AWS JSON 1.1. Target is the name
// of the service's interface and of the operation. A nil output is not read.
func (c caller) callJSON(ctx context.Context, service, target string, input, output any) error {
	body, err := json.Marshal(input)
	if err != nil {
		return err
	}
	header := http.Header{"X-Amz-Target": {target}, "Content-Type": {"application/x-amz-json-1.1"}}
	answer, err := c.call(ctx, service, http.MethodPost, "/", header, body)
	if err != nil {
		return err
	}
	if output == nil {
		return nil // there may be no text at all
	}
	if err := json.Unmarshal(answer, output); err != nil {
		return fmt.Errorf("%s cannot be read: %w", target, err)
	}
	return nil
}

// callQuery calls an operation by the protocol AWS Query. Nobody needs to know
// the answer to those that the guard calls.
func (c caller) callQuery(ctx context.Context, service string, input url.Values) error {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}
	_, err := c.call(ctx, service, http.MethodPost, "/", header, []byte(input.Encode()))
	return err
}

// maxAnswer is far more than any of the operations answers.
const maxAnswer = 4 << 20

// call sends one signed request. The service is both the first part of the host
// and the name to sign for.
func (c caller) call(ctx context.Context, service, method, pathAndQuery string, header http.Header, body []byte) ([]byte, error) {
	endpoint, err := c.endpoint(ctx, service)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, endpoint+pathAndQuery, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	request.Header = header
	request.Header.Set("X-Amz-Content-Sha256", hash)
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.signer.SignHTTP(ctx, credentials, request, hash, service, c.config.Region, time.Now()); err != nil {
		return nil, err
	}
	response, err := c.config.HTTPClient.Do(request)
	if err != nil {
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	if response.StatusCode != http.StatusOK {
		return nil, newFailure(response, answer)
	}
	return answer, nil
}

// endpoint knows the domain of the partition from Amazon Bedrock, which is at
// the same place as the others.
func (c caller) endpoint(ctx context.Context, service string) (string, error) {
	if c.config.BaseEndpoint != nil {
		return strings.TrimSuffix(*c.config.BaseEndpoint, "/"), nil
	}
	neighbour, err := bedrock.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, bedrock.EndpointParameters{
		Region: aws.String(c.config.Region), UseFIPS: aws.Bool(false), UseDualStack: aws.Bool(false),
	})
	if err != nil {
		return "", err
	}
	return "https://" + service + strings.TrimPrefix(neighbour.URI.Host, "bedrock"), nil
}

// failure is an answer that refuses. Its code and status decide whether the call
// is repeated.
type failure struct {
	smithy.GenericAPIError
	status  int
	request string
}

func (f *failure) HTTPStatusCode() int { return f.status }

func (f *failure) Error() string {
	return fmt.Sprintf("%s (status %d, request %s)", f.GenericAPIError.Error(), f.status, f.request)
}

// Unwrap makes it known as what it is, too.
func (f *failure) Unwrap() error { return &f.GenericAPIError }

// newFailure reads the code of the error from wherever the protocols put it.
func newFailure(response *http.Response, answer []byte) *failure {
	var asJSON struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	var asXML struct {
		Code, Message string
		Error         struct{ Code, Message string }
	}
	if json.Unmarshal(answer, &asJSON) != nil {
		_ = xml.Unmarshal(answer, &asXML)
	}
	code := cmp.Or(response.Header.Get("X-Amzn-Errortype"), asJSON.Type, asXML.Error.Code, asXML.Code, http.StatusText(response.StatusCode))
	code, _, _ = strings.Cut(code[strings.LastIndex(code, "#")+1:], ":")
	return &failure{
		GenericAPIError: smithy.GenericAPIError{Code: code, Message: cmp.Or(asJSON.Message, asXML.Error.Message, asXML.Message)},
		status:          response.StatusCode,
		request:         cmp.Or(response.Header.Get("X-Amzn-Requestid"), response.Header.Get("X-Amz-Request-Id"), "unknown"),
	}
}

// isCode tells whether AWS refused with that code.
func isCode(err error, code string) bool {
	failed, ok := err.(*failure)
	return ok && failed.Code == code
}
