package ledgersql

import (
	"fmt"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/record"
)

// The expressions of this file take JSON apart as package record does. They are
// Trino's: json_extract and json_extract_scalar read a text from its beginning and
// stop at the first key that fits, json_extract keeps what it finds as it is.

// matched gives the group of a pattern, or NULL where a text does not match; group 0
// is the whole match. Patterns are RE2's: both engines know those.
func matched(text, pattern string, group int) string {
	return fmt.Sprintf("nullif(regexp_extract(%s, %s, %d), '')", text, Quote(pattern), group)
}

// parsable gives the text of a line if it is JSON that can be parsed, or NULL. The brackets that are
// not in strings are looked at first, since TRY does not catch what json_parse fails with some thousands
// deep: round after round takes away what is nested less deeply than one pattern reaches, and
// of what is nested no deeper than [record.MaxDepth] nothing is left. Text that is no JSON may have something left
// or not; json_parse decides about it, no deeper than that either.
func parsable(line string) string {
	const reach, rounds = 16, record.MaxDepth / 16
	nested := ""
	for range reach {
		nested = `\[(?:` + nested + `)*\]`
	}
	nested = strings.ReplaceAll(nested, `(?:)*`, ``)
	without := func(text, pattern string) string { return "regexp_replace(" + text + ", " + Quote(pattern) + ", '')" }
	left := without(without(line, `"(\\.|[^"\\])*"`), `[^\[\]{}]`)
	left = "replace(replace(" + left + ", '{', '['), '}', ']')"
	for range rounds {
		left = without(left, nested)
	}
	return fmt.Sprintf("CASE WHEN TRY(json_parse(CASE WHEN %s = '' THEN %[2]s END)) IS NOT NULL THEN %[2]s END", left, line)
}

// text gives the string that a JSON value is; NULL for an empty one, and for whatever else it is.
func text(value string) string {
	return fmt.Sprintf("CASE WHEN json_format(%[1]s) LIKE '\"_%%' THEN nullif(json_extract_scalar(%[1]s, '$'), '') END", value)
}

// stopReason gives the string that a JSON value is, if it looks like a reason to stop; NULL otherwise.
func stopReason(value string) string {
	return fmt.Sprintf("CASE WHEN json_format(%[1]s) LIKE '\"_%%' THEN "+matched("json_extract_scalar(%[1]s, '$')", `\A[A-Za-z0-9_.:-]{1,64}\z`, 0)+" END", value)
}

// count gives the whole number that a JSON value is; NULL for whatever else it is.
func count(value string) string {
	return fmt.Sprintf("CASE WHEN regexp_like(json_format(%[1]s), '^[0-9]+$') THEN TRY_CAST(json_format(%[1]s) AS BIGINT) END", value)
}

// absentOr tells whether a JSON value is not there, or null, or what an expression says that it must be.
func absentOr(value, condition string) string {
	return fmt.Sprintf("(coalesce(json_format(%s), 'null') = 'null' OR %s)", value, condition)
}

// at gives what is at a path of a JSON document.
func at(document, path string) string { return "json_extract(" + document + ", " + Quote(path) + ")" }

// chunks gives the parts of an answer, of which a streamed one has many.
func chunks(body string) string {
	return fmt.Sprintf("CASE substr(json_format(%[1]s), 1, 1)"+
		" WHEN '[' THEN CAST(%[1]s AS ARRAY(JSON)) WHEN '{' THEN ARRAY[%[1]s] END", body)
}

// lastOf gives the value of the last chunk that has one.
func lastOf(chunks, valueOfC string) string {
	return fmt.Sprintf("element_at(filter(transform(%s, c -> %s), v -> v IS NOT NULL), -1)", chunks, valueOfC)
}

// firstOf gives the first value, as read tells values, at any of the paths of a chunk.
func firstOf(chunk string, paths []string, read func(value string) string) string {
	var values []string
	for _, path := range paths {
		values = append(values, read(at(chunk, path)))
	}
	return "coalesce(" + strings.Join(values, ",\n      ") + ")"
}

// intervened tells whether a guardrail acted in any of the chunks.
func intervened(chunks, stopReason string) string {
	return fmt.Sprintf("coalesce(%s = 'guardrail_intervened', false)"+
		" OR coalesce(cardinality(filter(%s, c -> %s = 'INTERVENED')) > 0, false)",
		stopReason, chunks, text(at("c", record.GuardrailActionPath)))
}

// metadataMap gives request metadata as a map of what is in it, as JSON; NULL where it is not an object.
func metadataMap(document string) string {
	return "TRY(CAST(json_extract(" + document + ", '$.requestMetadata') AS MAP(VARCHAR, JSON)))"
}

// metadataValue gives one value of the map as text: strings as they are, null as NULL, what else there
// may be as JSON.
func metadataValue(of, key string) string {
	return fmt.Sprintf("CASE WHEN json_format(element_at(%[1]s, %[2]s)) LIKE '\"%%'"+
		" THEN json_extract_scalar(element_at(%[1]s, %[2]s), '$') ELSE nullif(json_format(element_at(%[1]s, %[2]s)), 'null') END", of, key)
}

// metadataText gives the map as JSON with sorted keys and without those that are null.
func metadataText(of string) string {
	entry := quoted("k") + " || ':' || " + quoted(metadataValue(of, "k"))
	return fmt.Sprintf("'{' || nullif(array_join(transform(array_sort(filter(map_keys(%[1]s),"+
		" k -> json_format(element_at(%[1]s, k)) <> 'null')),\n    k -> %[2]s), ','), '') || '}'", of, entry)
}

// quoted makes a JSON string of a text, with every control character escaped that the service lets
// metadata have (white space).
func quoted(text string) string {
	for _, c := range []struct{ from, to string }{
		{`'\'`, `'\\'`}, {`'"'`, `'\"'`},
		{"chr(10)", `'\n'`}, {"chr(9)", `'\t'`}, {"chr(13)", `'\r'`}, {"chr(12)", `'\f'`}, {"chr(11)", `'\u000B'`},
	} {
		text = fmt.Sprintf("replace(%s, %s, %s)", text, c.from, c.to)
	}
	return `'"' || ` + text + ` || '"'`
}

// The patterns of [record.NormaliseModel], and of how an assumed role is parted
// from its session.
const (
	systemARN   = `^arn:[^:]*:bedrock:[^:]*:[^:]*:(foundation-model|inference-profile)/(.+)$`
	modelID     = `^((global|apac|[a-z]{2}(-[a-z]+)?)\.)?([a-z0-9]{3,})\.([^/\s]+)$`
	withContext = `^([^:]+:[^:]+):([^:]+)$`
	withVersion = `^(.+?)-(([0-9]{8}-)?v[0-9]+([.-][0-9]+)?(:[0-9]+)?|[0-9]{8}|[0-9]+:[0-9]+)$`
	assumedRole = `^arn:([^:]*):sts::([^:]*):assumed-role/([^/]+)/(.*)$`
)
