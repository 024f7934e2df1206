($csv | split("\n")[1:] | map(split(",") | select(length > 8 and .[3] == "")
	| {(.[1]): .[5:9] | map(if . == "" then 0 else tonumber end)}) | add) as $rates
| reduce inputs as $r ({};
	($r.requestMetadata.user_id // "") as $user
	| ($r.input.inputTokenCount // 0) as $in
	| ($r.output.outputTokenCount // 0) as $out
	| ($r.input.cacheReadInputTokenCount // 0) as $read
	| ($r.input.cacheWriteInputTokenCount // 0) as $write
	| ($r.modelId | sub("^.*/"; "") | sub("^(us|eu|apac|global)[.]"; "") | sub("(-v[0-9]+)?(:[0-9]+)?$"; "")) as $model
	| ($rates[$model] // [0, 0, 0, 0]) as $rate
	| .[$user] |= [
		(.[0] // 0) + 1, (.[1] // 0) + $in, (.[2] // 0) + $out, (.[3] // 0) + $read, (.[4] // 0) + $write,
		(.[5] // 0) + ($in * $rate[0] + $out * $rate[1] + $read * $rate[2] + $write * $rate[3]) * 1000
	])
| (["user_id", "calls", "input", "output", "cache_read", "cache_write", "estimated_nanousd"] | @csv),
	(to_entries[] | [.key] + .value | @csv)
