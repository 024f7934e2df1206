package metadata_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/metadata"
)

// on runs a test for each of the four operations.
func on(t *testing.T, test func(t *testing.T, op operation)) {
	t.Helper()
	for _, op := range operations(t) {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			test(t, op)
		})
	}
}

func TestAttachesTheContextsMetadataSigned(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, op operation) {
		s := &service{}
		ctx := metadata.NewContext(t.Context(), metadata.Request{
			UserID: "u-1", TaskType: "summarise contract", KnowledgeBaseID: "KB1", RequestID: "r-1",
			Extra: map[string]string{"tenant": "acme:eu/1"},
		})
		id, answer, err := op.call(ctx, clientOf(t, s), nil)
		require.NoError(t, err)
		assert.Equal(t, "hello", answer)
		assert.Equal(t, "r-1", id)
		require.Len(t, s.calls, 1)
		assert.Equal(t, map[string]string{
			"user_id": "u-1", "task_type": "summarise contract", "kb_id": "KB1", "request_id": "r-1", "tenant": "acme:eu/1",
		}, s.calls[0].metadata)
		if strings.HasPrefix(op.name, "Invoke") {
			assert.Contains(t, s.calls[0].signed, "x-amzn-bedrock-request-metadata")
		}
	})
}

func TestTheCallsOwnKeysWinAndKeysMerge(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, op operation) {
		s := &service{}
		ctx := metadata.NewContext(t.Context(), metadata.Request{UserID: "u-1", TaskType: "chat"})
		own := map[string]string{"task_type": "summarise", "request_id": "r-2", "step": "3"}
		id, _, err := op.call(ctx, clientOf(t, s), own)
		require.NoError(t, err)
		assert.Equal(t, "r-2", id)
		assert.Equal(t, map[string]string{"user_id": "u-1", "task_type": "summarise", "request_id": "r-2", "step": "3"}, s.calls[0].metadata)
		assert.Equal(t, map[string]string{"task_type": "summarise", "request_id": "r-2", "step": "3"}, own, "the caller's map")
	})
}

func TestGeneratesARequestID(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, op operation) {
		s := &service{}
		client := clientOf(t, s)
		first, _, err := op.call(t.Context(), client, nil)
		require.NoError(t, err)
		second, _, err := op.call(t.Context(), client, nil)
		require.NoError(t, err)
		assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, first)
		assert.Less(t, first, second, "they sort by time")
		assert.Equal(t, map[string]string{"request_id": first}, s.calls[0].metadata)
	})
}

func TestWithoutRequestIDSendsNothingOfItsOwn(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, op operation) {
		s := &service{}
		client := clientOf(t, s, metadata.WithoutRequestID())
		for _, own := range []map[string]string{nil, {}} {
			id, _, err := op.call(t.Context(), client, own)
			require.NoError(t, err)
			assert.Empty(t, id)
		}
		for _, call := range s.calls {
			assert.NotContains(t, call.body, "equestMetadata", "not even an empty one")
			assert.NotContains(t, call.header, "X-Amzn-Bedrock-Request-Metadata")
		}
	})
}

func TestRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, op operation) {
		s := &service{}
		client := clientOf(t, s, metadata.Require(metadata.UserID, metadata.TaskType))
		ctx := metadata.NewContext(t.Context(), metadata.Request{
			TaskType: "chat {1}", Extra: map[string]string{"contact": "ann@example.com"},
		})
		_, _, err := op.call(ctx, client, nil)
		require.ErrorContains(t, err, `key "user_id": is required and missing`)
		require.ErrorContains(t, err, `key "task_type", value "chat {1}": the value has characters that Amazon Bedrock refuses: '{' '}'`)
		require.ErrorContains(t, err, `key "contact", value "an…m": the value looks like an e-mail address`)
		assert.NotContains(t, err.Error(), "ann@example.com")
		assert.Empty(t, s.calls)
	})
}

func TestRefusedPersonalDataStaysOutOfErrorsAndLogs(t *testing.T) {
	t.Parallel()
	const address, phone, card = "ann@example.com", "+442079460958", "4111111111111111"
	on(t, func(t *testing.T, op operation) {
		for _, request := range []metadata.Request{
			{UserID: address},
			{UserID: address + "!"},
			{UserID: address + strings.Repeat(" x", 128)},
			{RequestID: address},
			{RequestID: "*" + card},
			{Extra: map[string]string{"note": "call " + phone + ";"}},
			{Extra: map[string]string{"": card}},
			{UserID: address, Extra: map[string]string{"user_id": phone}},
		} {
			var lines bytes.Buffer
			s := &service{}
			log := slog.New(metadata.NewLogHandler(slog.NewJSONHandler(&lines, nil)))
			client := clientOf(t, s, metadata.LogCalls(log))
			ctx := metadata.NewContext(t.Context(), request)
			_, _, err := op.call(ctx, client, nil)
			require.Error(t, err)
			require.Empty(t, s.calls)
			log.ErrorContext(ctx, "no answer", "error", err)
			assert.Equal(t, 2, strings.Count(lines.String(), "\n"))

			told := fmt.Sprint(err, lines.String(), metadata.LogAttrs(ctx))
			var failed *metadata.CallError
			require.ErrorAs(t, err, &failed)
			told += failed.RequestID
			var problem *metadata.Problem
			require.ErrorAs(t, err, &problem)
			told += problem.Value
			for _, secret := range []string{address, phone, card} {
				assert.NotContains(t, told, secret)
			}
		}
	})
}

func TestLogsHaveThePersonalDataThatIsAllowed(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	allow := metadata.AllowPersonalData("order")
	ctx := metadata.NewContext(t.Context(), metadata.Request{Extra: map[string]string{"order": "4111111111111111"}})
	log := slog.New(metadata.NewLogHandler(slog.NewJSONHandler(&lines, nil), allow))
	log.With("app", "assistant").WithGroup("order").InfoContext(ctx, "packed")
	assert.Contains(t, lines.String(), "4111111111111111")
	assert.Equal(t, []slog.Attr{slog.String("order", "4111111111111111")}, metadata.LogAttrs(ctx, allow))
	assert.Equal(t, []slog.Attr{slog.String("order", "41…1")}, metadata.LogAttrs(ctx))
}

func TestAFailedCallNamesItsRequestID(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, op operation) {
		s := &service{fails: true}
		_, _, err := op.call(t.Context(), clientOf(t, s), nil)
		var failed *metadata.CallError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, s.calls[0].metadata["request_id"], failed.RequestID)
		assert.ErrorContains(t, err, "request_id "+failed.RequestID)
		var throttled *types.ThrottlingException
		assert.ErrorAs(t, err, &throttled)
	})
}

func TestRefusesMetadataOfTheCallThatAreNoObjectOfTexts(t *testing.T) {
	t.Parallel()
	s := &service{}
	for _, text := range []string{`{"user_id": 4111111111111111}`, `{"contact": "ann@example.com"`, `"ann@example.com"`} {
		_, err := clientOf(t, s).InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{
			ModelId: aws.String(model), Body: []byte(`{}`), RequestMetadata: aws.String(text),
		})
		require.ErrorContains(t, err, `RequestMetadata of the call has to be a JSON object of texts: `)
		assert.NotContains(t, err.Error(), "4111")
		assert.NotContains(t, err.Error(), "ann@")
	}
	assert.Empty(t, s.calls)
}

func TestOtherOperationsPassUntouched(t *testing.T) {
	t.Parallel()
	s := &service{}
	client := clientOf(t, s, metadata.Require(metadata.UserID))
	_, err := client.CountTokens(t.Context(), &bedrockruntime.CountTokensInput{
		ModelId: aws.String(model), Input: &types.CountTokensInputMemberInvokeModel{Value: types.InvokeModelTokensRequest{Body: []byte(`{}`)}},
	})
	assert.Error(t, err, "the service does not know the operation")
	require.Len(t, s.calls, 1, "it was sent")
}

func TestLogsEachCallWithoutItsContent(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, op operation) {
		var lines bytes.Buffer
		s := &service{}
		client := clientOf(t, s, metadata.LogCalls(slog.New(slog.NewJSONHandler(&lines, nil))))
		ctx := metadata.NewContext(t.Context(), metadata.Request{UserID: "u-1"})
		id, _, err := op.call(ctx, client, nil)
		require.NoError(t, err)
		s.fails = true
		_, _, err = op.call(ctx, client, nil)
		require.Error(t, err)

		var good, bad map[string]any
		decoder := json.NewDecoder(&lines)
		require.NoError(t, decoder.Decode(&good))
		require.NoError(t, decoder.Decode(&bad))
		assert.False(t, decoder.More())
		assert.Equal(t, []any{"model call", op.name, model, "u-1", id, "aws-request-id"},
			[]any{good["msg"], good["operation"], good["model_id"], good["user_id"], good["request_id"], good["aws_request_id"]})
		assert.Equal(t, "ERROR", bad["level"])
		assert.Contains(t, bad["error"], "ThrottlingException")
		assert.NotContains(t, fmt.Sprint(good, bad), "hello")
	})
}

func TestALineOfACallHasTheMetadataOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, op operation) {
		var lines bytes.Buffer
		s := &service{}
		log := slog.New(metadata.NewLogHandler(slog.NewTextHandler(&lines, nil)))
		client := clientOf(t, s, metadata.LogCalls(log))
		ctx := metadata.NewContext(t.Context(), metadata.Request{UserID: "u-1", RequestID: "r-1"})
		_, _, err := op.call(ctx, client, map[string]string{"request_id": "r-2"})
		require.NoError(t, err)
		_, _, err = op.call(ctx, client, map[string]string{"step": "!"})
		require.Error(t, err)
		sent, refused, _ := strings.Cut(lines.String(), "\n")
		for line, id := range map[string]string{sent: "r-2", refused: "r-1"} {
			assert.Equal(t, 1, strings.Count(line, " user_id=u-1"), line)
			assert.Equal(t, 1, strings.Count(line, " request_id="), line)
			assert.Contains(t, line, " request_id="+id)
		}
	})
}

func TestLayersOfAnApplicationAddWhatTheyKnow(t *testing.T) {
	t.Parallel()
	ctx := metadata.NewContext(t.Context(), metadata.Request{UserID: "u-1", TaskType: "chat", Extra: map[string]string{"a": "1"}})
	inner := metadata.NewContext(ctx, metadata.Request{TaskType: "search", KnowledgeBaseID: "KB", Extra: map[string]string{"b": "2"}})

	got, ok := metadata.FromContext(inner)
	assert.True(t, ok)
	assert.Equal(t, metadata.Request{UserID: "u-1", TaskType: "search", KnowledgeBaseID: "KB", Extra: map[string]string{"a": "1", "b": "2"}}, got)
	outer, _ := metadata.FromContext(ctx)
	assert.Equal(t, metadata.Request{UserID: "u-1", TaskType: "chat", Extra: map[string]string{"a": "1"}}, outer, "the outer one is unchanged")
	_, ok = metadata.FromContext(t.Context())
	assert.False(t, ok)
}

func TestAContextThatContradictsItselfFailsTheCall(t *testing.T) {
	t.Parallel()
	s := &service{}
	ctx := metadata.NewContext(t.Context(), metadata.Request{UserID: "u-1", Extra: map[string]string{"user_id": "u-2"}})
	_, _, err := operations(t)[0].call(ctx, clientOf(t, s), nil)
	require.ErrorContains(t, err, `key "user_id" is in Extra and has a field of its own, got "u-2" and "u-1"; set the field UserID only`)
	assert.Empty(t, s.calls)

	ctx = metadata.NewContext(ctx, metadata.Request{TaskType: "chat", Extra: map[string]string{"task_type": "search"}})
	ctx = metadata.NewContext(ctx, metadata.Request{KnowledgeBaseID: "KB"})
	_, _, err = operations(t)[0].call(ctx, clientOf(t, s), nil)
	require.ErrorContains(t, err, `key "user_id" is in Extra`)
	require.ErrorContains(t, err, `key "task_type" is in Extra`)
	assert.Empty(t, s.calls)
}

func TestEnsureRequestIDSharesOneID(t *testing.T) {
	t.Parallel()
	ctx, id := metadata.EnsureRequestID(t.Context())
	again, same := metadata.EnsureRequestID(ctx)
	assert.Equal(t, id, same)
	assert.Equal(t, ctx, again)

	s := &service{}
	client := clientOf(t, s)
	for _, op := range operations(t) {
		sent, _, err := op.call(ctx, client, nil)
		require.NoError(t, err)
		assert.Equal(t, id, sent)
	}
}

func TestTheLogHandlerAddsTheMetadata(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := slog.New(metadata.NewLogHandler(slog.NewTextHandler(&lines, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
	ctx := metadata.NewContext(t.Context(), metadata.Request{UserID: "u-1", RequestID: "r-1"})
	log.With("app", "assistant").InfoContext(ctx, "asked")
	log.WithGroup("http").InfoContext(ctx, "answered", "status", 200)
	log.InfoContext(context.Background(), "idle")
	assert.Equal(t, `level=INFO msg=asked app=assistant request_id=r-1 user_id=u-1
level=INFO msg=answered http.status=200 http.request_id=r-1 http.user_id=u-1
level=INFO msg=idle
`, lines.String())
}
