package metadata_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/metadata"
)

func ExampleRequest_JSON() {
	text, err := metadata.Request{
		UserID:    "u-17",
		TaskType:  "summarise",
		RequestID: "r-1",
	}.JSON(metadata.Require(metadata.UserID))
	fmt.Println(text, err)
	// Output: {"request_id":"r-1","task_type":"summarise","user_id":"u-17"} <nil>
}

func ExampleRequest_Map() {
	_, err := metadata.Request{
		UserID: "ann@example.com",
		Extra:  map[string]string{"note": "50% off"},
	}.Map(metadata.Require(metadata.TaskType))
	fmt.Println(err)
	// Output:
	// metadata: key "task_type": is required and missing; put it into the context with metadata.NewContext, or into the call
	// metadata: key "note", value "50% off": the value has characters that Amazon Bedrock refuses: '%'; use letters, digits, white space and _:@$#=/+,-. only
	// metadata: key "user_id", value "an…m": the value looks like an e-mail address, and records are kept for years; use metadata.Pseudonymise, or metadata.AllowPersonalData("user_id") where it is none
}

func ExamplePseudonymise() {
	key := []byte("0123456789abcdef0123456789abcdef") // from a secret store
	user, err := metadata.Pseudonymise(key, "ann@example.com")
	fmt.Println(len(user), user[:2], err)
	// Output: 34 u- <nil>
}
