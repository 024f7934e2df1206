package show_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/show"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

func Example() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	folder := filepath.Join(dir, "AWSLogs", "111122223333", "BedrockModelInvocationLogs", "eu-central-1", "2026", "03", "01", "14")
	os.MkdirAll(folder, 0o700)
	os.WriteFile(filepath.Join(folder, "20260301T140000000Z_1.json"), []byte(`{"schemaType":"ModelInvocationLog","timestamp":"2026-03-01T14:00:00Z",`+
		`"requestId":"42","operation":"Converse","modelId":"amazon.nova-lite-v1:0","requestMetadata":{"user_id":"alice"},`+
		`"input":{"inputBodyJson":{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}},`+
		`"output":{"outputBodyJson":{"output":{"message":{"role":"assistant","content":[{"text":"Good day"}]}}}}}`+"\n"), 0o600)

	log := logstore.Reader{Store: logstore.Dir(dir)}
	hits, _, err := show.Find(context.Background(), log, "42")
	if err != nil {
		fmt.Println(err)
		return
	}
	call := show.Describe(context.Background(), hits[0], show.Sources{Log: log.Store, Rates: record.Rates()})
	fmt.Println(call.Metadata["user_id"], "asked:", call.Messages[0].Text)
	fmt.Println("answer:", call.Completion)
	// Output:
	// alice asked: Hello
	// answer: Good day
}
