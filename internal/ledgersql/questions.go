package ledgersql

import (
	"slices"
	"strconv"
	"strings"
)

// Dimension is what an answer is split by. It is the word that a user of the
// command line says; the column of the answer is named after the column of calls.
type Dimension string

const (
	// User splits by column user_id.
	User Dimension = "user"
	// Task splits by column task_type.
	Task Dimension = "task"
	// KB splits by column kb_id.
	KB Dimension = "kb"
	// ByModel splits by column model: the vendor and the name of the model, or, if they are not
	// known, the model id as it was passed.
	ByModel Dimension = "model"
	// Principal splits by column principal.
	Principal Dimension = "principal"
	// Day splits by column day: days in UTC, oldest first.
	Day Dimension = "day"
	// Hour splits by column hour: hours in UTC, oldest first.
	Hour Dimension = "hour"
)

// Dimensions returns all dimensions.
func Dimensions() []Dimension {
	return []Dimension{User, Task, KB, ByModel, Principal, Day, Hour}
}

// modelName is what a model is called in an answer.
const modelName = "coalesce(vendor || '.' || model, model_id)"

// field is a column of an answer.
type field struct{ sql, name string }

func (f field) String() string {
	if f.sql == f.name {
		return f.name
	}
	return f.sql + " AS " + f.name
}

func (d Dimension) field() field {
	switch d {
	case User:
		return field{"user_id", "user_id"}
	case Task:
		return field{"task_type", "task_type"}
	case KB:
		return field{"kb_id", "kb_id"}
	case ByModel:
		return field{modelName, "model"}
	case Principal:
		return field{"principal", "principal"}
	case Day:
		return field{"CAST(called_at AS DATE)", "day"}
	case Hour:
		return field{"date_trunc('hour', called_at)", "hour"}
	}
	panic("paper-trail/ledgersql: there is no such dimension, got " + strconv.Quote(string(d)) + "; take one of Dimensions()")
}

func (d Dimension) chronological() bool { return d == Day || d == Hour }

func sum(column, name string) field {
	return field{"CAST(coalesce(sum(" + column + "), 0) AS BIGINT)", name}
}

var (
	calls  = field{"count(*)", "calls"}
	failed = field{"count(error_code)", "errors"}
	first  = field{"min(called_at)", "first_call"}
	last   = field{"max(called_at)", "last_call"}
	tokens = []field{
		sum("input_tokens", "input_tokens"),
		sum("output_tokens", "output_tokens"),
		sum("cache_read_tokens", "cache_read_tokens"),
		sum("cache_write_tokens", "cache_write_tokens"),
	}
	// estimate is NULL if none of the calls has a price, since that is not the same as 0.
	estimate = field{"CAST(sum(estimated_nanousd) AS BIGINT)", "estimated_nanousd"}
	unpriced = field{"count(*) - count(estimated_nanousd)", "unpriced_calls"}
)

// Who asks who called: per principal and user id, and per dimension of by, the
// dearest first. Columns: principal, user_id, those of by, sessions, calls,
// errors, models (how many), first_call, last_call, input_tokens, output_tokens,
// cache_read_tokens, cache_write_tokens, estimated_nanousd, unpriced_calls. A limit of 0 is none.
func Who(f Filter, by []Dimension, limit int) string {
	what := slices.Concat(
		[]field{{"count(DISTINCT session)", "sessions"}, calls, failed, {"count(DISTINCT model_id)", "models"}, first, last},
		tokens, []field{estimate, unpriced})
	return grouped(f, slices.Concat([]Dimension{Principal, User}, by), nil, what, limit)
}

// What asks what was called, one row per call, the newest first. Its columns are
// those of calls without metadata and what is in other columns as well; model is
// as in [ByModel]. A limit of 0 is none.
func What(f Filter, limit int) string {
	return "SELECT called_at, request_id, business_id, principal, session, user_id, task_type, kb_id, operation,\n" +
		"  " + modelName + " AS model, region, inference_region,\n" +
		"  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,\n" +
		"  stop_reason, error_code, guardrail_intervened, latency_ms, estimated_nanousd, object\n" +
		"FROM calls" + f.where() + "\nORDER BY called_at DESC, request_id" + limited(limit)
}

// Which asks which models served: per model and its version, the scope, the
// Region that served and the id as passed, and per dimension of by, the most used
// first. Columns: those of by, vendor, model, model_version, scope,
// inference_region, model_id, calls, errors, first_call, last_call, input_tokens,
// output_tokens, cache_read_tokens, cache_write_tokens. A limit of 0 is none.
func Which(f Filter, by []Dimension, limit int) string {
	// The model's own columns are there anyhow.
	by = slices.DeleteFunc(slices.Clone(by), func(d Dimension) bool { return d == ByModel })
	var own []field
	for _, column := range []string{"vendor", "model", "model_version", "scope", "inference_region", "model_id"} {
		own = append(own, field{column, column})
	}
	return grouped(f, by, own, slices.Concat([]field{calls, failed, first, last}, tokens), limit)
}

// Cost asks how much it cost, per dimension of by, the dearest first, or in one
// row if there is none. Columns: those of by, calls, input_tokens, output_tokens,
// cache_read_tokens, cache_write_tokens, estimated_nanousd (NULL if no call of the row
// has a price), unpriced_calls. A limit of 0 is none.
func Cost(f Filter, by []Dimension, limit int) string {
	return grouped(f, by, nil, slices.Concat([]field{calls}, tokens, []field{estimate, unpriced}), limit)
}

// Totals asks for the sums over all calls, in one row: calls, errors, throttles,
// interventions, unattributed_calls (without user_id), unpriced_calls, users, principals,
// models, first_call, last_call, input_tokens, output_tokens, cache_read_tokens,
// cache_write_tokens, estimated_nanousd.
func Totals(f Filter) string {
	return grouped(f, nil, nil, slices.Concat([]field{
		calls, failed,
		{"count(CASE WHEN " + throttled + " THEN 1 END)", "throttles"},
		{"count(CASE WHEN guardrail_intervened THEN 1 END)", "interventions"},
		{"count(*) - count(user_id)", "unattributed_calls"},
		unpriced,
		{"count(DISTINCT user_id)", "users"},
		{"count(DISTINCT principal)", "principals"},
		{"count(DISTINCT " + modelName + ")", "models"},
		first, last,
	}, tokens, []field{estimate}), 0)
}

// Unpriced asks for the models that no rate is known for, the most used first:
// model_id, model, calls, first_call, last_call, input_tokens, output_tokens,
// cache_read_tokens, cache_write_tokens.
func Unpriced(f Filter) string {
	return grouped(f, nil, []field{{"model_id", "model_id"}, ByModel.field()},
		slices.Concat([]field{calls, first, last}, tokens), 0, "estimated_nanousd IS NULL")
}

// Hours asks for the calls of each Region and hour: region, hour, calls, served.
// Served are those without an error, which the metric Invocations of Bedrock counts, too.
func Hours(f Filter) string {
	return grouped(f, []Dimension{Hour}, []field{{"region", "region"}},
		[]field{calls, {"count(*) - count(error_code)", "served"}}, 0)
}

// throttled is the condition of a call that was refused for being one too many.
const throttled = "error_code = 'ThrottlingException'"

// Throttles asks for the calls that were throttled: hour, region, model, calls.
func Throttles(f Filter) string {
	return grouped(f, []Dimension{Hour}, []field{{"region", "region"}, ByModel.field()}, []field{calls}, 0, throttled)
}

// Errors asks for the calls that failed, throttled ones included, the most
// frequent first: error_code, model, calls, principals, first_call, last_call.
func Errors(f Filter) string {
	return grouped(f, nil, []field{{"error_code", "error_code"}, ByModel.field()},
		[]field{calls, {"count(DISTINCT principal)", "principals"}, first, last}, 0, "error_code IS NOT NULL")
}

// Interventions asks where guardrails stepped in: principal, user_id, task_type,
// model, calls, first_call, last_call; the most frequent first.
func Interventions(f Filter) string {
	return grouped(f, []Dimension{Principal, User, Task, ByModel}, nil, []field{calls, first, last}, 0, "guardrail_intervened")
}

// Unattributed asks for the calls without a user_id, which nobody can be asked
// about but the principal: principal, model, calls, first_call, last_call,
// estimated_nanousd, unpriced_calls; the dearest first.
func Unattributed(f Filter) string {
	return grouped(f, []Dimension{Principal, ByModel}, nil, []field{calls, first, last, estimate, unpriced}, 0, "user_id IS NULL")
}

// grouped writes a question that sums up what over the dimensions and the fields
// of by. Its rows are in the order of time, if a dimension is one; then the dearest,
// or else the most frequent, come first; then they are in the order of what they
// are split by.
func grouped(f Filter, dimensions []Dimension, by, what []field, limit int, conditions ...string) string {
	var chronological, order, split []string
	groups := make([]field, 0, len(dimensions)+len(by))
	for i, d := range dimensions {
		if slices.Contains(dimensions[:i], d) {
			continue
		}
		groups = append(groups, d.field())
		if d.chronological() {
			chronological = append(chronological, d.field().name)
		}
	}
	groups = append(groups, by...)

	if slices.Contains(what, estimate) {
		order = append(order, estimate.name+" DESC NULLS LAST")
	}
	order = append(order, calls.name+" DESC")
	list := make([]string, 0, len(groups)+len(what))
	for i, g := range groups {
		split = append(split, strconv.Itoa(i+1))
		list = append(list, g.String())
		if !slices.Contains(chronological, g.name) {
			order = append(order, g.name+" NULLS LAST")
		}
	}
	for _, w := range what {
		list = append(list, w.String())
	}
	sql := "SELECT " + strings.Join(list, ",\n  ") + "\nFROM calls" + f.where(conditions...)
	if len(groups) > 0 {
		// Ordinals, because a name would be that of the column of calls, not of the answer.
		sql += "\nGROUP BY " + strings.Join(split, ", ") + "\nORDER BY " + strings.Join(slices.Concat(chronological, order), ", ")
	}
	return sql + limited(limit)
}

func limited(limit int) string {
	if limit <= 0 {
		return ""
	}
	return "\nLIMIT " + strconv.Itoa(limit)
}
