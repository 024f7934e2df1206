reduce inputs as $r ({};
	($r.requestMetadata.user_id // "") as $user
	| .[$user] |= [
		(.[0] // 0) + 1,
		(.[1] // 0) + ($r.input.inputTokenCount // 0),
		(.[2] // 0) + ($r.output.outputTokenCount // 0),
		(.[3] // 0) + ($r.input.cacheReadInputTokenCount // 0),
		(.[4] // 0) + ($r.input.cacheWriteInputTokenCount // 0)
	])
| (["user_id", "calls", "input", "output", "cache_read", "cache_write"] | @csv),
	(to_entries[] | [.key] + .value | @csv)
