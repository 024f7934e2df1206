package tagrules_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

func ExampleProblems() {
	tags := map[string]string{"project": "assistant", "environment": "prod", "owner": "platform", "cost-center": "aws:1"}
	for _, problem := range tagrules.Problems(tags) {
		fmt.Println(problem.Key+":", problem.Text)
	}
	// Output: cost-center: want a tag value without the prefix aws:, which AWS keeps for itself, got "aws:1"; rename it
}
