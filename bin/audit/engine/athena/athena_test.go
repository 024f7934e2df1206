package athena_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/athena"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// service plays Athena: it goes through states, one for each look, and answers
// with pages. It speaks the wire protocol, so the SDK's client is tested along.
type service struct {
	states []string
	reason string
	bytes  int64
	types  [][2]string // name and type
	pages  [][][]any   // string or nil

	mu      sync.Mutex
	started []map[string]any
	stopped []string
	looks   int
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var in map[string]any
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var out any
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "StartQueryExecution":
		s.started = append(s.started, in)
		s.looks = 0
		out = map[string]any{"QueryExecutionId": fmt.Sprintf("query-%d", len(s.started))}
	case "GetQueryExecution":
		state := s.states[min(s.looks, len(s.states)-1)]
		s.looks++
		out = map[string]any{"QueryExecution": map[string]any{
			"Status":     map[string]any{"State": state, "StateChangeReason": s.reason},
			"Statistics": map[string]any{"DataScannedInBytes": s.bytes},
		}}
	case "GetQueryResults":
		page := 0
		if token, ok := in["NextToken"].(string); ok {
			fmt.Sscan(token, &page)
		}
		out = s.page(page)
	case "StopQueryExecution":
		s.stopped = append(s.stopped, in["QueryExecutionId"].(string))
		out = map[string]any{}
	default:
		http.Error(w, "unknown action "+action, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(out)
}

func (s *service) page(n int) map[string]any {
	var infos, rows []any
	header := []any{}
	for _, t := range s.types {
		infos = append(infos, map[string]any{"Name": t[0], "Type": t[1]})
		header = append(header, t[0])
	}
	all := s.pages[n]
	if n == 0 {
		all = append([][]any{header}, all...)
	}
	for _, values := range all {
		var data []any
		for _, v := range values {
			if v == nil {
				data = append(data, map[string]any{})
			} else {
				data = append(data, map[string]any{"VarCharValue": v})
			}
		}
		rows = append(rows, map[string]any{"Data": data})
	}
	out := map[string]any{"ResultSet": map[string]any{
		"Rows": rows, "ResultSetMetadata": map[string]any{"ColumnInfo": infos},
	}}
	if n+1 < len(s.pages) {
		out["NextToken"] = fmt.Sprint(n + 1)
	}
	return out
}

func open(t *testing.T, s *service, change func(*athena.Options)) *athena.Engine {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	options := athena.Options{
		Client: sdk.New(sdk.Options{
			Region: "eu-central-1", BaseEndpoint: &server.URL,
			Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1,
		}),
		Database: "paper_trail", WorkGroup: "audit", Pause: time.Millisecond,
	}
	if change != nil {
		change(&options)
	}
	e, err := athena.New(options)
	require.NoError(t, err)
	return e
}

func TestItReadsEveryPageAndConvertsEveryType(t *testing.T) {
	t.Parallel()
	s := &service{
		states: []string{"QUEUED", "RUNNING", "SUCCEEDED"},
		types: [][2]string{
			{"user_id", "varchar"}, {"calls", "bigint"}, {"share", "double"}, {"ok", "boolean"},
			{"at", "timestamp(3)"}, {"day", "date"}, {"zoned", "timestamp with time zone"}, {"price", "decimal(10,2)"},
		},
		pages: [][][]any{
			{{"alice", "3", "0.5", "true", "2026-03-01 14:05:06.789", "2026-03-01", "2026-03-01 14:05:06.789 Europe/Berlin", "1.25"}},
			{{nil, nil, nil, nil, nil, nil, nil, nil}, {"bob", "-1", "1E-3", "false", "2026-03-01 00:00:00", "2026-03-02", "2026-03-01 14:00:00.000 +01:00", "0"}},
		},
	}
	var states []string
	e := open(t, s, func(o *athena.Options) {
		o.Progress = func(p athena.Progress) { states = append(states, p.State) }
	})
	got, err := e.Query(t.Context(), "SELECT 1")
	require.NoError(t, err)

	require.Equal(t, []engine.Column{
		{Name: "user_id", Kind: engine.Text}, {Name: "calls", Kind: engine.Integer}, {Name: "share", Kind: engine.Float},
		{Name: "ok", Kind: engine.Boolean}, {Name: "at", Kind: engine.Timestamp}, {Name: "day", Kind: engine.Date},
		{Name: "zoned", Kind: engine.Timestamp}, {Name: "price", Kind: engine.Float},
	}, got.Columns)
	at := time.Date(2026, 3, 1, 14, 5, 6, 789e6, time.UTC)
	require.Equal(t, [][]any{
		{"alice", int64(3), 0.5, true, at, at.Truncate(24 * time.Hour), at.Add(-time.Hour), 1.25},
		{nil, nil, nil, nil, nil, nil, nil, nil},
		{"bob", int64(-1), 0.001, false, at.Truncate(24 * time.Hour), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC), 0.0},
	}, got.Rows)
	require.Equal(t, []string{"QUEUED", "RUNNING", "SUCCEEDED"}, states)
	require.Equal(t, "audit", s.started[0]["WorkGroup"])
	require.Equal(t, map[string]any{"Database": "paper_trail"}, s.started[0]["QueryExecutionContext"])
}

func TestItStopsTheQueryOfWhoeverGivesUp(t *testing.T) {
	t.Parallel()
	s := &service{states: []string{"RUNNING"}}
	ctx, giveUp := context.WithCancel(t.Context())
	e := open(t, s, func(o *athena.Options) {
		o.Progress = func(athena.Progress) { giveUp() }
	})
	_, err := e.Query(ctx, "SELECT 1")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"query-1"}, s.stopped)
}

func TestItTellsAthenasReason(t *testing.T) {
	t.Parallel()
	e := open(t, &service{states: []string{"QUEUED", "FAILED"}, reason: "TABLE_NOT_FOUND: no such table"}, nil)
	_, err := e.Query(t.Context(), "SELECT 1")
	require.EqualError(t, err, "query query-1: failed: TABLE_NOT_FOUND: no such table")

	e = open(t, &service{states: []string{"CANCELLED"}, reason: "Bytes scanned limit was exceeded"}, nil)
	_, err = e.Query(t.Context(), "SELECT 1")
	require.EqualError(t, err, "query query-1: was cancelled: Bytes scanned limit was exceeded")
}

func TestItCountsWhatQueriesCost(t *testing.T) {
	t.Parallel()
	s := &service{
		states: []string{"SUCCEEDED"}, bytes: 1 << 30,
		types: [][2]string{{"region", "varchar"}, {"hour", "timestamp"}, {"model_id", "varchar"}, {"calls", "bigint"}, {"served", "bigint"}, {"object", "varchar"}, {"lines", "bigint"}},
		pages: [][][]any{{{"eu-central-1", "2026-03-01 14:00:00.000", "acme.new", "3", "2", "s3://logs/a.json.gz", "4"}}},
	}
	hour := time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC)
	e := open(t, s, func(o *athena.Options) {
		o.Metric = metric{
			{Region: "eu-central-1", Hour: hour}:                2,
			{Region: "eu-central-1", Hour: hour.Add(time.Hour)}: 5,
		}
	})
	got, err := e.Completeness(t.Context(), ledgersql.Filter{Users: []string{"alice"}})
	require.NoError(t, err)
	// The whole record is looked at, but what has no price is the user's.
	for i, statement := range s.started {
		asked := statement["QueryString"].(string)
		require.Equal(t, i == 1, strings.Contains(asked, "user_id IN ('alice')"), asked)
	}
	require.Equal(t, &engine.Completeness{
		Records:     3,
		BrokenLines: 4,
		Broken:      []engine.Broken{{Object: "s3://logs/a.json.gz", Lines: 4, Problem: "no call could be made of them"}},
		Unpriced:    []engine.Unpriced{{ModelID: "acme.new", Calls: 3}},
		Hours: engine.Hours{Checked: true, Silent: []engine.Silent{
			{Region: "eu-central-1", Hour: hour.Add(time.Hour), Calls: 5},
		}},
		ScannedBytes: 3 << 30,
		// Three queries of 1/1024 TB at 5 dollars.
		ScanNanoUSD: 3 * 4_882_812,
	}, got)
	require.False(t, got.Complete())
}

func TestItTellsTheCostWithoutLookingAtTheLedger(t *testing.T) {
	t.Parallel()
	s := &service{states: []string{"SUCCEEDED"}, bytes: 1, pages: [][][]any{{}}}
	e := open(t, s, nil)
	_, err := e.Query(t.Context(), "SELECT 1")
	require.NoError(t, err)
	got := e.Cost()
	require.NotEmpty(t, got.Unchecked)
	require.EqualValues(t, 1, got.ScannedBytes)
	// Ten megabytes are the least that is billed.
	require.EqualValues(t, 47_683, got.ScanNanoUSD)
	require.Len(t, s.started, 1)
}

func TestItSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := athena.New(athena.Options{})
	require.ErrorContains(t, err, "--database")
	require.ErrorContains(t, err, "--workgroup")
}

type metric map[hours.Key]int64

func (m metric) Calls(context.Context, time.Time, time.Time, []string) (map[hours.Key]int64, error) {
	return m, nil
}
