// Package alarmsim evaluates the CloudWatch alarms of a synthesised template on
// metric data that a test makes up, minute by minute, so that a test can tell in
// which weeks an alarm fires and in which it does not.
//
// [Load] reads every AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm.
// A property, statistic, function or query that it does not know is an error, and
// never a state: a test passes only for alarms that are evaluated in full.
//
// What AWS documents is followed:
//
//   - An alarm is evaluated every minute, on periods that end with that minute
//     (CloudWatch user guide, "Alarm evaluation").
//   - M out of N, and the four treatments of missing data, each row of the tables
//     in "Configuring how CloudWatch alarms treat missing data" being a test.
//     CloudWatch retrieves more data points than EvaluationPeriods and does not
//     say how many more, two in the tables: [Options.FurtherPeriods].
//   - Metric math: arithmetic, comparison, AND, OR, IF, FILL with a number, SUM,
//     MAX, MIN and AVG of a list of series.
//   - Metrics Insights: SUM, MAX, MIN, AVG or COUNT of one metric, FROM a
//     namespace or SCHEMA, WHERE dimensions equal text. An alarm on a query sees
//     three hours.
//   - Rules of composite alarms.
//
// Where AWS says nothing, this package does as follows, and a test that hangs on
// it proves little:
//
//   - The result of arithmetic or comparison has no data where an operand has
//     none, or where 0 divides. IF takes the branch that its condition says, and
//     has no data where that has none. SUM, MAX, MIN and AVG of a list take what
//     there is.
//   - FILL fills series that have no data at all, too.
//   - ANOMALY_DETECTION_BAND stands in for what CloudWatch learns about a metric.
//     The middle is the mean of the same time of the week in the two weeks
//     before. The width is from what these two weeks differ by within three hours
//     of that time of day: the standard deviation of a third week from the middle.
//     Until three weeks are over there is no band, and no data.
//   - A composite alarm is evaluated in the minute in which an alarm changes.
//
// Limits: periods are whole minutes. Percentiles are those of the values put, by
// nearest rank. High-resolution, PromQL and suppressed alarms are refused, as are
// windows above a day, which CloudWatch evaluates once an hour.
//
//	alarms, err := alarmsim.Load(template)
//	data := alarmsim.NewData()
//	data.Put(alarmsim.Metric{Namespace: "AWS/Bedrock", Name: "Invocations"}, 10, 12, 1)
//	history, err := alarms.Run(data, 0, 60, alarmsim.Options{})
//	history.Fired("ThrottlingAlarm0C570125")
package alarmsim
