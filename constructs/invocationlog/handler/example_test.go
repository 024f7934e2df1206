package handler_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler"
	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
)

func ExampleSource() {
	hash, err := handler.Source().Hash(gofunction.Arm64)
	fmt.Println(len(hash), err)
	// Output: 64 <nil>
}
