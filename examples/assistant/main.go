// Command assistant is an HTTP service that answers questions with a model of
// Amazon Bedrock, and says for each call on whose behalf and what for.
//
//	POST /ask     the question as text; the header X-User names the user, as a
//	              proxy that has authenticated the user sets it
//
// The answer's header X-Request-Id is the request_id in the record of the model
// call, and in this service's logs. Settings are environment variables:
//
//	MODEL_ID        the model or inference profile to call
//	PSEUDONYM_KEY   64 hexadecimal digits, the key for the pseudonyms of users
//	ADDRESS         where to listen; 127.0.0.1:8080 without it
package main

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/bedrock-paper-trail/paper-trail/metadata"
)

func main() {
	log := slog.New(metadata.NewLogHandler(slog.NewJSONHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, log, os.Getenv); err != nil {
		log.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, getenv func(string) string) error {
	key, err := hex.DecodeString(getenv("PSEUDONYM_KEY"))
	if err != nil || len(key) < metadata.MinKeyBytes {
		return errors.New("PSEUDONYM_KEY has to be 64 hexadecimal digits; openssl rand -hex 32 makes one")
	}
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	a := &assistant{
		model: getenv("MODEL_ID"),
		key:   key,
		log:   log,
		// A call that does not say for whom and what for is never sent.
		client: bedrockruntime.NewFromConfig(settings, metadata.WithRequestMetadata(
			metadata.Require(metadata.UserID, metadata.TaskType),
			metadata.LogCalls(log))),
	}
	address := getenv("ADDRESS")
	if address == "" {
		address = "127.0.0.1:8080"
	}
	server := &http.Server{Addr: address, Handler: a.routes()}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type assistant struct {
	client *bedrockruntime.Client
	model  string
	key    []byte
	log    *slog.Logger
}

func (a *assistant) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ask", a.ask)
	return a.identified(mux)
}

// identified puts into the context what is the same for all that a request does.
func (a *assistant) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := metadata.Pseudonymise(a.key, r.Header.Get("X-User"))
		if err != nil {
			http.Error(w, "the header X-User is missing", http.StatusUnauthorized)
			return
		}
		ctx, id := metadata.EnsureRequestID(r.Context())
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(metadata.NewContext(ctx, metadata.Request{UserID: user})))
	})
}

func (a *assistant) ask(w http.ResponseWriter, r *http.Request) {
	question, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil || len(question) == 0 {
		http.Error(w, "send the question as text, at most 64 KiB", http.StatusBadRequest)
		return
	}
	ctx := metadata.NewContext(r.Context(), metadata.Request{TaskType: "answer-question"})
	out, err := a.client.Converse(ctx, &bedrockruntime.ConverseInput{
		ModelId:  aws.String(a.model),
		Messages: []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: string(question)}}}},
	})
	if err != nil {
		a.log.ErrorContext(ctx, "no answer", "error", err)
		http.Error(w, "the model did not answer", http.StatusBadGateway)
		return
	}
	message, ok := out.Output.(*types.ConverseOutputMemberMessage)
	if !ok {
		http.Error(w, "the model gave no message", http.StatusBadGateway)
		return
	}
	for _, block := range message.Value.Content {
		if text, ok := block.(*types.ContentBlockMemberText); ok {
			_, _ = io.WriteString(w, text.Value)
		}
	}
}
