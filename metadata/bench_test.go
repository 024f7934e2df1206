package metadata

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/middleware"
)

// What the middleware adds to a call, all that comes after it left out.
func BenchmarkMiddleware(b *testing.B) {
	ctx := NewContext(b.Context(), Request{UserID: "u-0123456789abcdef0123456789abcdef", TaskType: "summarise", KnowledgeBaseID: "KB12345678"})
	next := middleware.InitializeHandlerFunc(func(context.Context, middleware.InitializeInput) (middleware.InitializeOutput, middleware.Metadata, error) {
		return middleware.InitializeOutput{}, middleware.Metadata{}, nil
	})
	for name, input := range map[string]any{
		"Converse":    &bedrockruntime.ConverseInput{ModelId: aws.String("m")},
		"InvokeModel": &bedrockruntime.InvokeModelInput{ModelId: aws.String("m")},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			m := attach{newSettings([]Option{Require(UserID, TaskType)})}
			for b.Loop() {
				if _, _, err := m.HandleInitialize(ctx, middleware.InitializeInput{Parameters: input}, next); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
