package costtags

import (
	"context"
	"errors"
	"time"
)

// Client is what the activation needs of AWS. Each method is the API operation of
// that name.
type Client interface {
	// ListCostAllocationTags returns those of the keys that AWS knows. It fails
	// with ErrNotPayer in an account that does not pay.
	ListCostAllocationTags(ctx context.Context, keys []string) ([]Tag, error)
	// UpdateCostAllocationTagsStatus activates keys, 20 at most, and returns
	// what was not done, by key: AWS answers with success all the same.
	UpdateCostAllocationTagsStatus(ctx context.Context, keys []string) (notDone map[string]Refusal, err error)
	// ListCostAllocationTagBackfillHistory returns when backfills were requested,
	// without those that failed.
	ListCostAllocationTagBackfillHistory(ctx context.Context) ([]time.Time, error)
	// StartCostAllocationTagBackfill fails with ErrBackfillLimit within a day of
	// the last one, and with ErrBackfillRefused where AWS will not do it later
	// either.
	StartCostAllocationTagBackfill(ctx context.Context, from time.Time) error
	PutMetricData(ctx context.Context, namespace string, values map[string]float64) error
	DisableRule(ctx context.Context, name string) error
}

// Tag is a key that AWS knows.
type Tag struct {
	Key string
	// Active means that it splits the bill.
	Active bool
	// Updated is when it was activated or deactivated, zero where it never was.
	Updated time.Time
}

// Refusal is why a key was not activated.
type Refusal struct{ Code, Message string }

var (
	// ErrNotPayer means that another account pays, and manages the tags.
	ErrNotPayer = errors.New("this account does not pay its own bill, so its cost allocation tags are activated in the management account")
	// ErrBackfillLimit means that a backfill was requested within the last day.
	ErrBackfillLimit = errors.New("a backfill was requested within the last 24 hours")
	// ErrBackfillRefused means that the same request would be refused again.
	ErrBackfillRefused = errors.New("AWS refused the backfill")
)
