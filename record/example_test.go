package record_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/record"
)

var line = []byte(`{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-03-02T09:30:11Z",
"accountId":"111122223333","region":"eu-central-1","requestId":"5b0f6a0e-7d5c-4a57-9a1b-0d9a52c3b7aa",
"operation":"Converse","modelId":"eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
"identity":{"arn":"arn:aws:sts::111122223333:assumed-role/assistant/worker-7"},
"requestMetadata":{"user_id":"u-1001","task_type":"summary"},
"input":{"inputTokenCount":900,"inputBodyJson":{"system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"Name a colour."}]}]}},
"output":{"outputTokenCount":12,"outputBodyJson":{"output":{"message":{"role":"assistant","content":[{"text":"Blue."}]}},"stopReason":"end_turn","metrics":{"latencyMs":640}}}}`)

func ExampleParse() {
	r, err := record.Parse(line)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Timestamp, r.Operation, r.Metadata["user_id"], *r.Input.Tokens, *r.Output.Tokens)
	// Output: 2026-03-02 09:30:11 +0000 UTC Converse u-1001 900 12
}

func ExampleParse_cutShort() {
	_, err := record.Parse(line[:130])
	fmt.Println(err)
	// Output: record: region: byte 130: the line ends where the rest of a string should be; it is cut short
}

func ExampleRecord_Content() {
	r, err := record.Parse(line)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := r.Content()
	fmt.Printf("system:     %s\nprompt:     %s\ncompletion: %s\n", c.System, c.Prompt, c.Completion)
	// Output:
	// system:     Be brief.
	// prompt:     Name a colour.
	// completion: Blue.
}

func ExampleRateCard_Call() {
	r, err := record.Parse(line)
	if err != nil {
		fmt.Println(err)
		return
	}
	call := record.Rates().Call(r, "logs/0001.json.gz")
	fmt.Println(call.Principal, call.Session)
	fmt.Println(call.Vendor, call.Model, call.Scope)
	fmt.Println(call.StopReason, *call.LatencyMS, "ms")
	fmt.Println("priced:", call.EstimatedNanoUSD != nil)
	// Output:
	// arn:aws:iam::111122223333:role/assistant worker-7
	// anthropic claude-sonnet-4-5 eu
	// end_turn 640 ms
	// priced: true
}

func ExampleNormaliseModel() {
	for _, id := range []string{
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0",
		"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0:300k",
		"arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
	} {
		m := record.NormaliseModel(id)
		fmt.Printf("vendor %q, name %q, version %q, scope %q, profile %q\n", m.Vendor, m.Name, m.Version, m.Scope, m.Profile)
	}
	// Output:
	// vendor "anthropic", name "claude-sonnet-4-5", version "20250929-v1:0", scope "us", profile ""
	// vendor "amazon", name "nova-pro", version "v1:0", scope "", profile ""
	// vendor "", name "", version "", scope "", profile "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6"
}
