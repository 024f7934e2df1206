package metadata_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/metadata"
)

const region = "eu-west-1"

var credentials = aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret", SessionToken: "token"}

// service is the runtime endpoint of Amazon Bedrock: it refuses what is not
// signed as sent, and answers each operation in its own form.
type service struct {
	mu    sync.Mutex
	calls []received
	// fails makes the service throttle.
	fails bool
}

// received is a call, and its metadata, as they came over the wire.
type received struct {
	path     string
	header   http.Header
	body     string
	metadata map[string]string
	signed   []string // headers that the signature covers
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	signed, err := verify(r, body)
	if err != nil {
		http.Error(w, fmt.Sprintf(`{"message":%q}`, err), http.StatusForbidden)
		return
	}
	call := received{path: r.URL.Path, header: r.Header, body: string(body), signed: signed}
	operation := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	text := []byte(r.Header.Get("X-Amzn-Bedrock-Request-Metadata"))
	if strings.HasPrefix(operation, "converse") {
		var input struct{ RequestMetadata json.RawMessage }
		_ = json.Unmarshal(body, &input)
		text = input.RequestMetadata
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &call.metadata); err != nil {
			http.Error(w, fmt.Sprintf(`{"message":%q}`, err), http.StatusBadRequest)
			return
		}
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	fails := s.fails
	s.mu.Unlock()
	w.Header().Set("X-Amzn-RequestId", "aws-request-id")
	if fails {
		w.Header().Set("X-Amzn-ErrorType", "ThrottlingException")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"message":"Too many requests"}`)
		return
	}
	switch operation {
	case "converse":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"output":{"message":{"role":"assistant","content":[{"text":"hello"}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2},"metrics":{"latencyMs":1}}`)
	case "invoke":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"completion":"hello"}`)
	case "converse-stream":
		stream(w, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"hello"}}`)
	case "invoke-with-response-stream":
		stream(w, "chunk", `{"bytes":"aGVsbG8="}`)
	default:
		http.NotFound(w, r)
	}
}

// stream answers with one event.
func stream(w http.ResponseWriter, event, payload string) {
	w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	header := func(name, value string) eventstream.Header {
		return eventstream.Header{Name: name, Value: eventstream.StringValue(value)}
	}
	_ = eventstream.NewEncoder().Encode(w, eventstream.Message{
		Headers: eventstream.Headers{header(":message-type", "event"), header(":event-type", event), header(":content-type", "application/json")},
		Payload: []byte(payload),
	})
}

// verify signs the request anew, from what arrived, and compares.
func verify(r *http.Request, body []byte) (signed []string, err error) {
	authorization := r.Header.Get("Authorization")
	_, list, _ := strings.Cut(authorization, "SignedHeaders=")
	list, _, _ = strings.Cut(list, ",")
	signed = strings.Split(list, ";")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return nil, err
	}
	again := &http.Request{Method: r.Method, URL: &url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath}, Host: r.Host, Header: http.Header{}}
	for _, name := range signed {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(context.Background(), credentials, again, hex.EncodeToString(sum[:]), "bedrock", region, at); err != nil {
		return nil, err
	}
	if again.Header.Get("Authorization") != authorization {
		return nil, fmt.Errorf("the signature does not match: %s, want %s", authorization, again.Header.Get("Authorization"))
	}
	return signed, nil
}

// clientOf returns a client of the service.
func clientOf(t testing.TB, s *service, options ...metadata.Option) *bedrockruntime.Client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return bedrockruntime.New(bedrockruntime.Options{
		Region:       region,
		BaseEndpoint: aws.String(server.URL),
		Credentials:  aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil }),
		Retryer:      aws.NopRetryer{},
	}, metadata.WithRequestMetadata(options...))
}

const model = "anthropic.claude-sonnet-4-20250514-v1:0"

func question() []types.Message {
	return []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "hello?"}}}}
}

// operation calls one of the four, with metadata of the call's own.
type operation struct {
	name string
	call func(ctx context.Context, client *bedrockruntime.Client, own map[string]string) (requestID, answer string, err error)
}

func text(t testing.TB, own map[string]string) *string {
	t.Helper()
	if own == nil {
		return nil
	}
	raw, err := json.Marshal(own)
	require.NoError(t, err)
	return aws.String(string(raw))
}

func operations(t testing.TB) []operation {
	return []operation{
		{"Converse", func(ctx context.Context, client *bedrockruntime.Client, own map[string]string) (string, string, error) {
			out, err := client.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: question(), RequestMetadata: own})
			if err != nil {
				return "", "", err
			}
			message := out.Output.(*types.ConverseOutputMemberMessage).Value
			return metadata.RequestIDOf(out.ResultMetadata), message.Content[0].(*types.ContentBlockMemberText).Value, nil
		}},
		{"ConverseStream", func(ctx context.Context, client *bedrockruntime.Client, own map[string]string) (string, string, error) {
			out, err := client.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{ModelId: aws.String(model), Messages: question(), RequestMetadata: own})
			if err != nil {
				return "", "", err
			}
			defer out.GetStream().Close()
			var answer string
			for event := range out.GetStream().Events() {
				if delta, ok := event.(*types.ConverseStreamOutputMemberContentBlockDelta); ok {
					answer += delta.Value.Delta.(*types.ContentBlockDeltaMemberText).Value
				}
			}
			return metadata.RequestIDOf(out.ResultMetadata), answer, out.GetStream().Err()
		}},
		{"InvokeModel", func(ctx context.Context, client *bedrockruntime.Client, own map[string]string) (string, string, error) {
			out, err := client.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{ModelId: aws.String(model), Body: []byte(`{}`), RequestMetadata: text(t, own)})
			if err != nil {
				return "", "", err
			}
			var body struct{ Completion string }
			err = json.NewDecoder(bytes.NewReader(out.Body)).Decode(&body)
			return metadata.RequestIDOf(out.ResultMetadata), body.Completion, err
		}},
		{"InvokeModelWithResponseStream", func(ctx context.Context, client *bedrockruntime.Client, own map[string]string) (string, string, error) {
			out, err := client.InvokeModelWithResponseStream(ctx, &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: aws.String(model), Body: []byte(`{}`), RequestMetadata: text(t, own)})
			if err != nil {
				return "", "", err
			}
			defer out.GetStream().Close()
			var answer string
			for event := range out.GetStream().Events() {
				if chunk, ok := event.(*types.ResponseStreamMemberChunk); ok {
					answer += string(chunk.Value.Bytes)
				}
			}
			return metadata.RequestIDOf(out.ResultMetadata), answer, out.GetStream().Err()
		}},
	}
}
