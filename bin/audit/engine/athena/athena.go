package athena

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
)

// Athena bills 5 US dollars per terabyte that a query reads, at least ten
// megabytes each, in most Regions (Amazon Athena pricing, SQL queries).
// A terabyte is 2^40 bytes here.
const (
	nanoUSDPerTB = 5e9
	leastBytes   = 10 << 20
)

// Client is the part of the SDK's client that is used. [*athena.Client] is one.
type Client interface {
	athena.GetQueryResultsAPIClient
	StartQueryExecution(context.Context, *athena.StartQueryExecutionInput, ...func(*athena.Options)) (*athena.StartQueryExecutionOutput, error)
	GetQueryExecution(context.Context, *athena.GetQueryExecutionInput, ...func(*athena.Options)) (*athena.GetQueryExecutionOutput, error)
	StopQueryExecution(context.Context, *athena.StopQueryExecutionInput, ...func(*athena.Options)) (*athena.StopQueryExecutionOutput, error)
}

// Options says where the ledger is.
type Options struct {
	// Client calls Athena. Required.
	Client Client

	// Database is the Glue database of the ledger. Required.
	Database string

	// WorkGroup runs the queries. It must have a place for results. Required.
	WorkGroup string

	// Metric counts the calls by hour that should have left a record.
	// Default: none, hours are not checked.
	Metric hours.Metric

	// Progress is called after each look at a query. Default: nobody is told.
	Progress func(Progress)

	// Pause is how long to wait between the first two looks at a query; each
	// wait is half as long again as the one before, up to ten times the
	// first. Default: 300 milliseconds.
	Pause time.Duration
}

// Progress is the state of a query.
type Progress struct {
	// State is QUEUED, RUNNING and so on.
	State string

	// ScannedBytes is what it has read so far, and NanoUSD what that costs
	// at list price.
	ScannedBytes, NanoUSD int64
}

// Engine is an [engine.Engine].
type Engine struct {
	options          Options
	scanned, nanoUSD int64
}

var _ engine.Engine = (*Engine)(nil)

// New returns an engine. It calls nobody yet.
func New(options Options) (*Engine, error) {
	var errs []error
	if options.Client == nil {
		errs = append(errs, errors.New("a client is missing"))
	}
	if options.Database == "" {
		errs = append(errs, errors.New("the ledger's Glue database is missing; give --database"))
	}
	if options.WorkGroup == "" {
		errs = append(errs, errors.New("the work group is missing; give --workgroup"))
	}
	if options.Pause == 0 {
		options.Pause = 300 * time.Millisecond
	}
	return &Engine{options: options}, errors.Join(errs...)
}

// Query implements [engine.Engine].
func (e *Engine) Query(ctx context.Context, text string) (*engine.Result, error) {
	started, err := e.options.Client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString:           &text,
		WorkGroup:             &e.options.WorkGroup,
		QueryExecutionContext: &types.QueryExecutionContext{Database: &e.options.Database},
	})
	if err != nil {
		return nil, fmt.Errorf("start the query in work group %s: %w", e.options.WorkGroup, err)
	}
	id := aws.ToString(started.QueryExecutionId)
	if err := e.wait(ctx, id); err != nil {
		return nil, fmt.Errorf("query %s: %w", id, err)
	}
	result, err := e.results(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the results of query %s: %w", id, err)
	}
	return result, nil
}

// wait looks at the query until it has ended, and stops it if the context ends
// first.
func (e *Engine) wait(ctx context.Context, id string) error {
	pause := e.options.Pause
	for {
		out, err := e.options.Client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return errors.Join(err, e.stop(ctx, id))
		}
		q := out.QueryExecution
		state, bytes := q.Status.State, scannedBytes(q)
		if e.options.Progress != nil {
			e.options.Progress(Progress{State: string(state), ScannedBytes: e.scanned + bytes, NanoUSD: e.nanoUSD + price(bytes)})
		}
		switch state {
		case types.QueryExecutionStateSucceeded:
			e.bill(bytes)
			return nil
		case types.QueryExecutionStateFailed:
			return fmt.Errorf("failed: %s", reason(q))
		case types.QueryExecutionStateCancelled:
			e.bill(bytes)
			return fmt.Errorf("was cancelled: %s", reason(q))
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), e.stop(ctx, id))
		case <-time.After(pause):
		}
		pause = min(pause*3/2, 10*e.options.Pause)
	}
}

// stop works when the context has ended, too.
func (e *Engine) stop(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := e.options.Client.StopQueryExecution(ctx, &athena.StopQueryExecutionInput{QueryExecutionId: &id})
	if err != nil {
		return fmt.Errorf("and it goes on, since stopping it failed: %w", err)
	}
	return nil
}

func reason(q *types.QueryExecution) string {
	if e := q.Status.AthenaError; e != nil && aws.ToString(e.ErrorMessage) != "" {
		return *e.ErrorMessage
	}
	if r := aws.ToString(q.Status.StateChangeReason); r != "" {
		return r
	}
	return "Athena gives no reason"
}

func scannedBytes(q *types.QueryExecution) int64 {
	if q.Statistics == nil {
		return 0
	}
	return aws.ToInt64(q.Statistics.DataScannedInBytes)
}

func price(bytes int64) int64 {
	return int64(float64(max(bytes, leastBytes)) / (1 << 40) * nanoUSDPerTB)
}

func (e *Engine) bill(bytes int64) {
	e.scanned += bytes
	e.nanoUSD += price(bytes)
}

// Close implements [engine.Engine]. There is nothing to give back.
func (e *Engine) Close() error { return nil }
