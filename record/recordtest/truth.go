package recordtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Truth is what a reader must find: duplicates once, and nothing of what broken
// objects lost.
type Truth struct {
	Objects   int64 // log objects, of whatever fault
	Markers   int64 // empty objects of the permission check
	SideFiles int64 // bodies and media under data/
	Bytes     int64 // of log objects and side files, as stored
	RawBytes  int64 // of log objects, decompressed

	Truncated  int64 // objects that break off
	Lost       int64 // calls that are in no object since theirs breaks off
	Broken     int64 // lines that are no records
	Duplicates int64 // records that are there a second time
	Events     int64 // CloudTrail events of calls

	Total Sums
	// Sums by what the record says; "" is for records that do not say it.
	ByUser, ByTask, ByKnowledgeBase map[string]Sums
	ByRegion, ByOperation, ByError  map[string]Sums
	// ByPrincipal has the ARN of the IAM role or user behind the identity.
	ByPrincipal map[string]Sums
	// ByModelID has the model id as it was passed.
	ByModelID map[string]Sums
	// ByFoundation has the id of the foundation model, or the model id as it was
	// passed if that does not say which one it is.
	ByFoundation map[string]Sums
	ByUserModel  map[UserModel]Sums
	ByHour       map[time.Time]Sums // by the start of the hour, in UTC
	// Intervened counts the calls that a guardrail intervened in.
	Intervened int64
	// StreamedDone counts the streamed bodies that end in "[DONE]".
	StreamedDone int64

	// Hours is what the metric says, Silent what it says of hours without logs.
	Hours, Silent []Hour
	// Examples are some of the calls, ordered by time.
	Examples []Example
}

// Sums of some calls. Counts that a record does not have are 0.
type Sums struct {
	Calls, Errors                                                int64
	InputTokens, OutputTokens, CacheReadTokens, CacheWriteTokens int64
}

func (s *Sums) add(o Sums) {
	s.Calls += o.Calls
	s.Errors += o.Errors
	s.InputTokens += o.InputTokens
	s.OutputTokens += o.OutputTokens
	s.CacheReadTokens += o.CacheReadTokens
	s.CacheWriteTokens += o.CacheWriteTokens
}

// UserModel is a user and a model id as it was passed.
type UserModel struct{ User, ModelID string }

// Hour is what the metric Invocations says of a Region and an hour.
type Hour struct {
	Region      string
	Start       time.Time
	Invocations int64
}

// Example is a call, to look for.
type Example struct {
	RequestID string
	At        time.Time
	Key       string // of the object
}

func newTruth() *Truth {
	return &Truth{
		ByUser: map[string]Sums{}, ByTask: map[string]Sums{}, ByKnowledgeBase: map[string]Sums{},
		ByRegion: map[string]Sums{}, ByOperation: map[string]Sums{}, ByError: map[string]Sums{},
		ByPrincipal: map[string]Sums{}, ByModelID: map[string]Sums{}, ByFoundation: map[string]Sums{},
		ByUserModel: map[UserModel]Sums{}, ByHour: map[time.Time]Sums{},
	}
}

// count takes in one call that a reader finds.
func (t *Truth) count(c *call) {
	sums := Sums{Calls: 1, InputTokens: c.input, OutputTokens: c.output, CacheReadTokens: c.cacheRead, CacheWriteTokens: c.cacheWrite}
	if c.errorCode != "" {
		sums.Errors = 1
	}
	t.Total.add(sums)
	for _, by := range []struct {
		sums map[string]Sums
		key  string
	}{
		{t.ByUser, c.user}, {t.ByTask, c.task}, {t.ByKnowledgeBase, c.kb},
		{t.ByRegion, c.region}, {t.ByOperation, c.operation.name()}, {t.ByError, c.errorCode},
		{t.ByPrincipal, c.caller.principal}, {t.ByModelID, c.modelID}, {t.ByFoundation, c.foundation},
	} {
		addTo(by.sums, by.key, sums)
	}
	addTo(t.ByUserModel, UserModel{c.user, c.modelID}, sums)
	addTo(t.ByHour, c.at.Truncate(time.Hour), sums)
	if c.intervened {
		t.Intervened++
	}
	if c.done {
		t.StreamedDone++
	}
}

func addTo[K comparable](sums map[K]Sums, key K, more Sums) {
	sum := sums[key]
	sum.add(more)
	sums[key] = sum
}

// add takes in what another writer counted.
func (t *Truth) add(o *Truth) {
	for _, count := range []struct{ to, from *int64 }{
		{&t.Objects, &o.Objects}, {&t.SideFiles, &o.SideFiles}, {&t.Bytes, &o.Bytes}, {&t.RawBytes, &o.RawBytes},
		{&t.Truncated, &o.Truncated}, {&t.Lost, &o.Lost}, {&t.Broken, &o.Broken}, {&t.Duplicates, &o.Duplicates},
		{&t.Events, &o.Events}, {&t.Intervened, &o.Intervened}, {&t.StreamedDone, &o.StreamedDone},
	} {
		*count.to += *count.from
	}
	t.Total.add(o.Total)
	for _, by := range []struct{ to, from map[string]Sums }{
		{t.ByUser, o.ByUser}, {t.ByTask, o.ByTask}, {t.ByKnowledgeBase, o.ByKnowledgeBase},
		{t.ByRegion, o.ByRegion}, {t.ByOperation, o.ByOperation}, {t.ByError, o.ByError},
		{t.ByPrincipal, o.ByPrincipal}, {t.ByModelID, o.ByModelID}, {t.ByFoundation, o.ByFoundation},
	} {
		addAll(by.to, by.from)
	}
	addAll(t.ByUserModel, o.ByUserModel)
	addAll(t.ByHour, o.ByHour)
	t.Hours = append(t.Hours, o.Hours...)
	t.Examples = append(t.Examples, o.Examples...)
}

func addAll[K comparable](to, from map[K]Sums) {
	for key, sums := range from {
		addTo(to, key, sums)
	}
}

// finish puts in order what the writers found in none.
func (t *Truth) finish(silent []Hour) {
	t.Silent = silent
	all := slices.Concat(t.Hours, silent)
	inOrder := func(a, b Hour) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Region, b.Region))
	}
	slices.SortFunc(t.Silent, inOrder)
	slices.SortFunc(all, inOrder)
	t.Hours = nil
	for _, hour := range all { // several batches make up an hour
		if last := len(t.Hours) - 1; last >= 0 && inOrder(t.Hours[last], hour) == 0 {
			t.Hours[last].Invocations += hour.Invocations
		} else if hour.Invocations > 0 {
			t.Hours = append(t.Hours, hour)
		}
	}
	slices.SortFunc(t.Examples, func(a, b Example) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.RequestID, b.RequestID))
	})
}

func (t *Truth) metrics() []byte {
	out := []byte("[")
	for i, hour := range t.Hours {
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, "\n{\"region\":%q,\"hour\":%q,\"invocations\":%d}", hour.Region, hour.Start.Format(time.RFC3339), hour.Invocations)
	}
	return append(out, "\n]\n"...)
}
