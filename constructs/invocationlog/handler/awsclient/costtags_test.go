package awsclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/costtags"
)

// AWS takes a hundred keys in a request, and answers in pages.
func TestListsAHundredTagsAtATime(t *testing.T) {
	t.Parallel()
	type request struct {
		TagKeys   []string
		NextToken string
	}
	var asked []request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q request
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&q))
		asked = append(asked, q)
		if len(q.TagKeys) > 100 {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ValidationException","message":"too many"}`)
			return
		}
		half, token := q.TagKeys[:len(q.TagKeys)/2], "more"
		if q.NextToken != "" {
			half, token = q.TagKeys[len(q.TagKeys)/2:], ""
		}
		var tags []map[string]string
		for _, key := range half {
			tags = append(tags, map[string]string{"TagKey": key, "Status": "Active", "LastUpdatedDate": "2026-11-24T00:00:00Z"})
		}
		assert.NoError(t, json.NewEncoder(w).Encode(map[string]any{"CostAllocationTags": tags, "NextToken": token}))
	}))
	t.Cleanup(server.Close)
	var keys []string
	for i := range 250 {
		keys = append(keys, fmt.Sprint("key", i))
	}

	tags, err := NewCostTags(configured("eu-west-1", server.URL)).ListCostAllocationTags(t.Context(), keys)
	require.NoError(t, err)
	var got []string
	for _, tag := range tags {
		got = append(got, tag.Key)
	}
	assert.Equal(t, keys, got)
	require.Len(t, asked, 6)
	for i, want := range []request{{keys[:100], ""}, {keys[:100], "more"}, {keys[100:200], ""}, {keys[100:200], "more"}, {keys[200:], ""}, {keys[200:], "more"}} {
		assert.Equal(t, want, asked[i])
	}
}

func TestARefusedBackfillIsToldFromOneThatHasToWait(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"ValidationException":            costtags.ErrBackfillRefused,
		"AccessDeniedException":          costtags.ErrBackfillRefused,
		"BackfillLimitExceededException": costtags.ErrBackfillLimit,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"__type":"%s","message":"no"}`, code)
		}))
		t.Cleanup(server.Close)
		err := NewCostTags(configured("eu-west-1", server.URL)).StartCostAllocationTagBackfill(t.Context(), time.Now())
		for _, kind := range []error{costtags.ErrBackfillRefused, costtags.ErrBackfillLimit} {
			assert.Equal(t, kind == want, errors.Is(err, kind), "%s: %v", code, err)
		}
	}
}
