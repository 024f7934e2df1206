// Package filterpattern evaluates filter patterns of Amazon CloudWatch Logs, so
// that tests can hold the metric filters of a template against log events.
//
// A [Pattern] tells whether it matches one event. A [Filter] is a metric filter
// and tells what it publishes about one event. Both follow the CloudWatch Logs
// user guide, "Filter pattern syntax for metric filters, subscription filters,
// filter log events, and Live Tail", and refuse what the guide refuses: EXISTS
// and IS NOT, unquoted strings with other characters than letters, digits and
// underscores, patterns above 1024 characters, too many wildcards or regular
// expressions, dimensions together with a default value or with terms.
//
// Where a result hangs on behaviour that the guide leaves open, there is none
// but an [ErrUndocumented]: a test passes only for patterns that need no guess.
// That is the case for
//
//   - != on a field that is missing (of other comparisons the guide says that
//     they are false),
//   - a string compared with a number, a boolean or null,
//   - a field that is an array or an object, beside an alternative that matches
//     (by itself the guide says that it does not match),
//   - a wildcard selector with another operator than =,
//   - a dimension whose field the event lacks.
//
// Limits: patterns for space-delimited events are refused. Numbers are compared
// as float64. That \" stands for a quotation mark within quotation marks is
// practice that the guide does not mention, and so is a field of each element,
// as in $.list[*].name; the guide has wildcards at the end only.
//
//	pattern, err := filterpattern.Parse(`{ $.errorCode = "Throttling*" }`)
//	matches, err := pattern.Match(`{"errorCode": "ThrottlingException"}`)
package filterpattern
