package awsclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/guard"
)

// lockReader is S3's GetObjectLockConfiguration. The SDK's client of S3 would
// add a megabyte to the function for this one call.
type lockReader struct {
	config aws.Config
	signer *v4.Signer
}

func newLockReader(config aws.Config) lockReader {
	return lockReader{config: config, signer: v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = true // as S3 wants it
	})}
}

// maxLockAnswer is far more than S3 answers.
const maxLockAnswer = 64 << 10

// nothing is the hash of a request without body.
var nothing = func() string {
	sum := sha256.Sum256(nil)
	return hex.EncodeToString(sum[:])
}()

// daysInYear is how S3 counts a retention that is given in years; the shorter
// reading, so that the guard rather warns.
const daysInYear = 365

func (r lockReader) read(ctx context.Context, bucket string) (guard.ObjectLock, error) {
	answer, status, err := r.get(ctx, bucket)
	if err != nil {
		return guard.ObjectLock{}, err
	}
	if status != http.StatusOK {
		return guard.ObjectLock{}, lockError(answer, status)
	}
	var lock struct {
		ObjectLockEnabled string
		Rule              struct {
			DefaultRetention struct {
				Mode        string
				Days, Years int
			}
		}
	}
	if err := xml.Unmarshal(answer, &lock); err != nil {
		return guard.ObjectLock{}, fmt.Errorf("S3's answer cannot be read: %w", err)
	}
	retention := lock.Rule.DefaultRetention
	return guard.ObjectLock{
		Enabled: lock.ObjectLockEnabled == "Enabled",
		Mode:    retention.Mode,
		Days:    retention.Days + retention.Years*daysInYear,
	}, nil
}

func (r lockReader) get(ctx context.Context, bucket string) (answer []byte, status int, err error) {
	endpoint, err := r.endpoint(ctx)
	if err != nil {
		return nil, 0, err
	}
	// The bucket is in the path: names with dots fit no certificate.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint.JoinPath(url.PathEscape(bucket)).String()+"?object-lock=", nil)
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("X-Amz-Content-Sha256", nothing)
	credentials, err := r.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, 0, err
	}
	if err := r.signer.SignHTTP(ctx, credentials, request, nothing, "s3", r.config.Region, time.Now()); err != nil {
		return nil, 0, err
	}
	response, err := r.config.HTTPClient.Do(request)
	if err != nil {
		return nil, 0, &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxLockAnswer))
	return answer, response.StatusCode, err
}

// endpoint takes the domain of the partition from SSM, which is at the same
// place as S3 in every Region.
func (r lockReader) endpoint(ctx context.Context) (*url.URL, error) {
	if r.config.BaseEndpoint != nil {
		return url.Parse(*r.config.BaseEndpoint)
	}
	neighbour, err := ssm.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, ssm.EndpointParameters{
		Region: aws.String(r.config.Region), UseFIPS: aws.Bool(false), UseDualStack: aws.Bool(false),
	})
	if err != nil {
		return nil, err
	}
	endpoint := neighbour.URI
	endpoint.Host = "s3." + strings.TrimPrefix(endpoint.Host, "ssm.")
	return &endpoint, nil
}

// lockFailure is an answer of S3 that refuses. Its status decides whether the
// call is repeated.
type lockFailure struct {
	smithy.GenericAPIError
	status int
}

func (f *lockFailure) HTTPStatusCode() int { return f.status }

func lockError(answer []byte, status int) error {
	var told struct {
		Code, Message string
	}
	if xml.Unmarshal(answer, &told) != nil || told.Code == "" {
		told.Code = http.StatusText(status)
	}
	switch told.Code {
	case "ObjectLockConfigurationNotFoundError":
		return nil
	case "NoSuchBucket":
		return guard.ErrNotFound
	}
	return &lockFailure{smithy.GenericAPIError{Code: told.Code, Message: told.Message}, status}
}
