WITH rates AS (
	SELECT model, max_by(input, since) AS input, max_by(output, since) AS output,
		max_by(cache_read, since) AS cache_read, max_by(cache_write, since) AS cache_write
	FROM (SELECT * REPLACE (coalesce(since, DATE '1970-01-01') AS since)
		FROM read_csv('RATES', columns = {alias: 'VARCHAR', model: 'VARCHAR', scope: 'VARCHAR', above: 'BIGINT', since: 'DATE',
			input: 'DOUBLE', output: 'DOUBLE', cache_read: 'DOUBLE', cache_write: 'DOUBLE', source: 'VARCHAR', retrieved: 'DATE'}))
	WHERE above IS NULL
	GROUP BY model
), calls AS (
	SELECT requestMetadata.user_id AS user_id,
		regexp_extract(modelId, '([a-z0-9]+\.[a-z0-9-]+?)(-v[0-9]+)?(:[0-9]+)?$', 1) AS model,
		coalesce(input.inputTokenCount, 0) AS input, coalesce(output.outputTokenCount, 0) AS output,
		coalesce(input.cacheReadInputTokenCount, 0) AS cache_read, coalesce(input.cacheWriteInputTokenCount, 0) AS cache_write
	FROM read_ndjson('OBJECTS', columns = {modelId: 'VARCHAR', requestMetadata: 'STRUCT(user_id VARCHAR)',
		input: 'STRUCT(inputTokenCount BIGINT, cacheReadInputTokenCount BIGINT, cacheWriteInputTokenCount BIGINT)',
		output: 'STRUCT(outputTokenCount BIGINT)'})
)
SELECT coalesce(user_id, '') AS user_id, count(*), sum(calls.input)::BIGINT, sum(calls.output)::BIGINT, sum(calls.cache_read)::BIGINT, sum(calls.cache_write)::BIGINT,
	round(sum(calls.input * rates.input + calls.output * rates.output + calls.cache_read * coalesce(rates.cache_read, 0)
		+ calls.cache_write * coalesce(rates.cache_write, 0)) * 1e3)::BIGINT AS estimated_nanousd,
	count(*) FILTER (rates.model IS NULL) AS unpriced_calls
FROM calls LEFT JOIN rates USING (model)
GROUP BY ALL
ORDER BY estimated_nanousd DESC NULLS LAST, 1;
