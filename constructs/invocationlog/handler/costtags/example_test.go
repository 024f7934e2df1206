package costtags_test

import (
	"context"
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/costtags"
)

// bill knows one of the keys, and activates it.
type bill struct{ costtags.Client }

func (bill) ListCostAllocationTags(context.Context, []string) ([]costtags.Tag, error) {
	return []costtags.Tag{{Key: "project"}}, nil
}

func (bill) UpdateCostAllocationTagsStatus(_ context.Context, keys []string) (map[string]costtags.Refusal, error) {
	fmt.Println("activates", keys)
	return nil, nil
}

func (bill) PutMetricData(_ context.Context, namespace string, values map[string]float64) error {
	fmt.Println(namespace, values)
	return nil
}

func ExampleActivation_Invoke() {
	settings, err := costtags.ParseSettings(`{"keys":["project","owner"],"backfillMonths":0}`)
	if err != nil {
		panic(err)
	}
	_, err = costtags.New(settings, bill{}).Invoke(context.Background(), nil)
	fmt.Println(err)
	// Output:
	// activates [project]
	// PaperTrail map[CostTagsActive:1 CostTagsPending:1]
	// <nil>
}
