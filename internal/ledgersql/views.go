package ledgersql

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/record"
)

// RatesView is the statement that makes view rates of a rate card, one row per
// vendor and model: its rates in the order in which they are tried, as array rates
// of rows. It is run again when the card changes; rows that are in the ledger keep the
// estimate that they were written with.
func RatesView(db string, card *record.RateCard) string {
	var values []string
	for i, rate := range card.Rates() {
		values = append(values, "("+strings.Join([]string{
			strconv.Itoa(i), Quote(rate.Vendor), Quote(rate.Model), Quote(rate.Version), Quote(rate.Scope),
			bigint(rate.Above), Quote(rate.Since.UTC().Format(time.DateOnly)),
			bigint(rate.Input), bigint(rate.Output), bigint(rate.CacheRead), bigint(rate.CacheWrite),
			Quote(rate.Source), Quote(rate.Retrieved.UTC().Format(time.DateOnly)),
		}, ", ")+")")
	}
	return view(db, "rates", fmt.Sprintf(`
SELECT CAST(vendor AS VARCHAR) AS vendor, CAST(model AS VARCHAR) AS model, array_agg(CAST(ROW(version, scope, above, since, input, output, cache_read, cache_write, source, retrieved)
    AS ROW(version VARCHAR, scope VARCHAR, above BIGINT, since VARCHAR, input BIGINT, output BIGINT,
      cache_read BIGINT, cache_write BIGINT, source VARCHAR, retrieved VARCHAR)) ORDER BY place) AS rates
FROM (%s) AS t (place, vendor, model, version, scope, above, since, input, output, cache_read, cache_write, source, retrieved)
GROUP BY vendor, model`, table(values, "0, '', '', '', '', 0, '', 0, 0, 0, 0, '', ''")))
}

// ModelAliasesView is the statement that makes view model_aliases of a rate card:
// what stands behind ids that do not tell their model.
func ModelAliasesView(db string, card *record.RateCard) string {
	var values []string
	aliases := card.Aliases()
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		model := aliases[alias]
		values = append(values, fmt.Sprintf("(%s, %s, %s, %s, %s)", Quote(alias),
			Quote(model.Vendor), Quote(model.Name), Quote(model.Version), Quote(model.Scope)))
	}
	return view(db, "model_aliases", fmt.Sprintf(`
SELECT CAST(alias AS VARCHAR) AS alias, CAST(vendor AS VARCHAR) AS vendor, CAST(model AS VARCHAR) AS model,
  CAST(nullif(version, '') AS VARCHAR) AS version, CAST(nullif(scope, '') AS VARCHAR) AS scope
FROM (%s) AS t (alias, vendor, model, version, scope)`, table(values, "'', '', '', '', ''")))
}

// table makes a relation of rows; of none an empty one with the types of a sample.
func table(rows []string, sample string) string {
	if len(rows) == 0 {
		return "SELECT * FROM (VALUES (" + sample + ")) WHERE false"
	}
	return "VALUES\n  " + strings.Join(rows, ",\n  ")
}

func bigint(n int64) string { return "BIGINT '" + strconv.FormatInt(n, 10) + "'" }

func view(db, name, query string) string {
	return "CREATE OR REPLACE VIEW " + qualified(db, name) + " AS" + query
}

// qualified names a table in statements that are Trino's; those that are Hive's quote otherwise.
func qualified(db, table string) string { return `"` + db + `"."` + table + `"` }

// RecordsView is the statement that makes view records, which reads the raw
// records: the columns of calls, the bodies as JSON text in input_body and output_body,
// the partition keys of table invocations, and readable, which is false for a line that
// no call can be made of. It follows package record, but for what no record of Bedrock has
// been seen with: where a field is there twice the first one counts, and an identity, an input or an
// output that is no object counts as empty; package record refuses such lines. Where a key of metadata is
// there twice, all of the metadata is NULL: Trino makes no map of it, and package record
// takes the last. Moments are cut to the millisecond; those of Bedrock are whole seconds.
//
// Duplicates are in it as often as Bedrock delivered them. A query names the hours that it wants
// (log_hour), or it reads them all.
func RecordsView(db string) string {
	return view(db, "records", `
WITH lines AS (
  SELECT "$path" AS object, log_account, log_region, log_hour,
    `+parsable("line")+` AS line
  FROM `+qualified(db, InvocationsTable)+`
  WHERE trim(line) <> ''
    AND NOT regexp_like("$path", `+Quote(`/BedrockModelInvocationLogs/.*/data/|/amazon-bedrock-logs-permission-check$`)+`)
), fields AS (
  SELECT object, log_account, log_region, log_hour,
    `+extracted()+`,
    json_extract(line, '$.input.inputBodyJson') AS input_body,
    json_extract(line, '$.output.outputBodyJson') AS output_body,
    `+metadataMap("line")+` AS metadata
  FROM lines
), parts AS (
  SELECT object, log_account, log_region, log_hour, input_body, output_body, metadata,
    `+typed()+`,
    `+chunks("output_body")+` AS chunks
  FROM fields
), outcomes AS (
  SELECT *,
    CASE WHEN model_id LIKE 'arn:%' THEN `+matched("model_id", systemARN, 2)+` ELSE model_id END AS passed,
    `+lastOf("chunks", firstOf("c", record.StopReasonPaths(), stopReason))+` AS stop_reason,
    `+lastOf("chunks", firstOf("c", record.LatencyPaths(), count))+` AS latency_ms
  FROM parts
), named AS (
  SELECT *,
    `+matched("passed", modelID, 2)+` AS named_scope,
    `+matched("passed", modelID, 4)+` AS named_vendor,
    `+matched("passed", modelID, 5)+` AS named_rest
  FROM outcomes
), known AS (
  SELECT *,
    named_vendor NOT IN ('global', 'apac') AS is_known,
    coalesce(`+matched("named_rest", withContext, 1)+`, named_rest) AS rest
  FROM named
), models AS (
  SELECT n.*,
    CASE WHEN a.alias IS NOT NULL THEN a.vendor WHEN is_known THEN named_vendor END AS vendor,
    CASE WHEN a.alias IS NOT NULL THEN a.model WHEN is_known THEN coalesce(`+matched("rest", withVersion, 1)+`, rest) END AS model,
    CASE WHEN a.alias IS NOT NULL THEN a.version WHEN is_known THEN `+matched("rest", withVersion, 2)+` END AS model_version,
    CASE WHEN a.alias IS NOT NULL THEN a.scope WHEN is_known THEN named_scope END AS scope
  FROM known n LEFT JOIN `+qualified(db, "model_aliases")+` a ON a.alias = n.model_id
), rated AS (
  SELECT m.*, `+appliedRate+` AS rate
  FROM models m LEFT JOIN `+qualified(db, "rates")+` r ON r.vendor = m.vendor AND r.model = m.model
)
SELECT request_id, called_at, account_id, region, inference_region, operation, model_id,
  vendor, model, model_version, scope,
  coalesce('arn:' || `+matched("arn", assumedRole, 1)+` || ':iam::' || `+matched("arn", assumedRole, 2)+` || ':role/' || `+matched("arn", assumedRole, 3)+`, arn) AS principal,
  `+matched("arn", assumedRole, 4)+` AS session,
  nullif(`+metadataValue("metadata", "'user_id'")+`, '') AS user_id,
  nullif(`+metadataValue("metadata", "'task_type'")+`, '') AS task_type,
  nullif(`+metadataValue("metadata", "'kb_id'")+`, '') AS kb_id,
  nullif(`+metadataValue("metadata", "'request_id'")+`, '') AS business_id,
  `+metadataText("metadata")+` AS metadata,
  `+plausible("input_tokens")+`, `+plausible("output_tokens")+`,
  `+plausible("cache_read_tokens")+`, `+plausible("cache_write_tokens")+`,
  error_code, stop_reason,
  `+intervened("chunks", "stop_reason")+` AS guardrail_intervened,
  latency_ms, input_body_s3, output_body_s3,
  CAST(round((coalesce(input_tokens, 0) * rate.input + coalesce(output_tokens, 0) * rate.output
    + coalesce(cache_read_tokens, 0) * rate.cache_read + coalesce(cache_write_tokens, 0) * rate.cache_write) / 1e3) AS BIGINT) AS estimated_nanousd,
  rate.since AS rate_since, object,
  json_format(input_body) AS input_body, json_format(output_body) AS output_body,
  log_account, log_region, log_hour,
  readable
FROM rated`)
}

// plausible leaves out a count that must be a fault.
func plausible(tokens string) string {
	return fmt.Sprintf("CASE WHEN %[1]s <= %[2]d THEN %[1]s END AS %[1]s", tokens, record.MaxTokens)
}

// rawField is a field of a record that becomes a column.
type rawField struct{ path, column string }

var (
	rawTexts = []rawField{
		{"$.requestId", "request_id"}, {"$.accountId", "account_id"}, {"$.region", "region"},
		{"$.inferenceRegion", "inference_region"}, {"$.operation", "operation"}, {"$.modelId", "model_id"},
		{"$.identity.arn", "arn"}, {"$.errorCode", "error_code"},
		{"$.input.inputBodyS3Path", "input_body_s3"}, {"$.output.outputBodyS3Path", "output_body_s3"},
	}
	rawCounts = []rawField{
		{"$.input.inputTokenCount", "input_tokens"}, {"$.output.outputTokenCount", "output_tokens"},
		{"$.input.cacheReadInputTokenCount", "cache_read_tokens"}, {"$.input.cacheWriteInputTokenCount", "cache_write_tokens"},
	}
)

// extracted gives the fields of a line as JSON.
func extracted() string {
	list := []string{at("line", "$.timestamp") + " AS called_at"}
	for _, field := range slices.Concat(rawTexts, rawCounts) {
		list = append(list, at("line", field.path)+" AS "+field.column)
	}
	return strings.Join(list, ",\n    ")
}

// typed gives the fields as what they are, and whether all of them are what they should be.
func typed() string {
	const rfc3339 = `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$`
	// Views hold moments to the millisecond: AWS Glue has no other type for the column of a view.
	moment := "CAST(date_trunc('millisecond', TRY(from_iso8601_timestamp(" + matched("json_extract_scalar(called_at, '$')", rfc3339, 0) + ")) AT TIME ZONE 'UTC') AS TIMESTAMP(3))"
	list := []string{moment + " AS called_at"}
	readable := []string{text("request_id") + " IS NOT NULL", moment + " IS NOT NULL"}
	for _, field := range rawTexts {
		list = append(list, text(field.column)+" AS "+field.column)
		readable = append(readable, absentOr(field.column, "json_format("+field.column+") LIKE '\"%'"))
	}
	for _, field := range rawCounts {
		list = append(list, count(field.column)+" AS "+field.column)
		readable = append(readable, absentOr(field.column, count(field.column)+" IS NOT NULL"))
	}
	return strings.Join(list, ",\n    ") + ",\n    coalesce(" + strings.Join(readable, "\n      AND ") + ", false) AS readable"
}

// appliedRate is the first of a model's rates that holds for a call, by the rules of
// [record.RateCard.Price] and [record.RateCard.Call].
var appliedRate = `CASE WHEN (coalesce(input_tokens, cache_read_tokens, cache_write_tokens) IS NOT NULL OR error_code IS NOT NULL)
      AND greatest(coalesce(input_tokens, 0), coalesce(output_tokens, 0), coalesce(cache_read_tokens, 0), coalesce(cache_write_tokens, 0)) <= ` + strconv.Itoa(record.MaxTokens) + ` THEN
    element_at(filter(r.rates, x ->
      (x.scope = '' OR x.scope = coalesce(m.scope, 'in-region') OR (x.scope = 'regional' AND coalesce(m.scope, '') <> 'global'))
      AND (x.version = '' OR x.version = coalesce(m.model_version, '') OR starts_with(coalesce(m.model_version, ''), x.version || '-')
        OR starts_with(coalesce(m.model_version, ''), x.version || ':'))
      AND x.since <= CAST(CAST(m.called_at AS DATE) AS VARCHAR)
      AND (x.above = 0 OR coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) > x.above)), 1) END`

// CallsWithEventsView is the statement that makes view calls_with_events: every
// call of the ledger with what CloudTrail says of it, NULL where it has no event. It joins
// on the request id, and on the day, since a file of CloudTrail is in the folder of the
// day of its events or of the next one. CloudTrail writes a second event for a
// streamed call, of another type, which is left out.
func CallsWithEventsView(db string) string {
	const day = "replace(CAST(CAST(%s AS DATE) AS VARCHAR), '-', '/')"
	return view(db, "calls_with_events", "\n"+
		joined(qualified(db, "calls"), qualified(db, EventsTable), fmt.Sprintf(day, "c.called_at"))+
		"\n  AND e.log_day <= "+fmt.Sprintf(day, "c.called_at + INTERVAL '1' DAY"))
}

// CallsWithEvents asks for the calls of the last days with what CloudTrail says of each,
// NULL where it has no event, the newest first. It is for Athena only. Its answer is that of view
// calls_with_events; but the view reads every day of the trail, since it knows the days of the events only
// by those of the calls.
func CallsWithEvents(days, limit int) string {
	ago := fmt.Sprintf(now+" - INTERVAL '%d' DAY", days)
	return joined("calls", EventsTable, "date_format("+ago+", '%Y/%m/%d')") + `
WHERE c.called_at >= ` + ago + `
ORDER BY c.called_at DESC, c.request_id` + limited(limit)
}

// joined selects calls with their events of a day and later ones.
func joined(calls, events, since string) string {
	columns := strings.Replace(columnNames("c.", Columns()), "c.called_at", "CAST(c.called_at AS TIMESTAMP(3)) AS called_at", 1)
	return `SELECT ` + columns + `,
  e.eventid AS event_id, e.eventname AS event_name, e.eventtime AS event_time,
  e.useridentity.type AS identity_type, e.useridentity.arn AS identity_arn,
  e.useridentity.accesskeyid AS access_key_id, e.useridentity.invokedby AS invoked_by,
  e.sourceipaddress AS source_ip_address, e.useragent AS user_agent, e.vpcendpointid AS vpc_endpoint_id,
  e.errorcode AS event_error_code, e.errormessage AS event_error_message, e.log_day AS event_day
FROM ` + calls + ` c LEFT JOIN ` + events + ` e
  ON e.requestid = c.request_id
  AND e.eventsource = 'bedrock.amazonaws.com' AND e.eventtype = 'AwsApiCall'
  AND e.log_day >= ` + since
}
