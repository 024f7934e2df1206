package hours

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// Key is an hour in a Region. The hour begins at Hour, UTC.
type Key struct {
	Region string
	Hour   time.Time
}

// Metric says how many calls there were.
type Metric interface {
	// Calls returns the calls of each hour that begins at or after from and
	// before to; a zero time leaves that end open. The Regions are those
	// that the record knows: a Metric may know of more.
	Calls(ctx context.Context, from, to time.Time, regions []string) (map[Key]int64, error)
}

// Check compares the whole hours of a range with the record, of which recorded
// counts the calls that were served: the metric does not count failed ones. An
// error of the metric is no error of the answer: Why tells it.
func Check(ctx context.Context, m Metric, from, to time.Time, recorded map[Key]int64) engine.Hours {
	if m == nil {
		return engine.Hours{Why: "no metric to compare with; give --metrics"}
	}
	regions := map[string]bool{}
	for k := range recorded {
		regions[k.Region] = true
	}
	if whole := from.Truncate(time.Hour); !from.IsZero() && whole.Before(from) {
		from = whole.Add(time.Hour)
	}
	if !to.IsZero() {
		to = to.Truncate(time.Hour)
	}
	counted, err := m.Calls(ctx, from, to, sorted(regions))
	if err != nil {
		return engine.Hours{Why: err.Error()}
	}
	if sum(counted) == 0 && sum(recorded) > 0 {
		return engine.Hours{Why: "the metric knows of no call in the whole hours of the range, though the record does"}
	}
	h := engine.Hours{Checked: true}
	for k, calls := range counted {
		if calls > 0 && recorded[k] == 0 {
			h.Silent = append(h.Silent, engine.Silent{Region: k.Region, Hour: k.Hour, Calls: calls})
		}
	}
	slices.SortFunc(h.Silent, func(a, b engine.Silent) int {
		return cmp.Or(a.Hour.Compare(b.Hour), cmp.Compare(a.Region, b.Region))
	})
	return h
}

func sum(calls map[Key]int64) (all int64) {
	for _, n := range calls {
		all += n
	}
	return all
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}
