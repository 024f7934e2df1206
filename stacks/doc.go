// Package stacks composes the constructs of this module into the stacks that
// bin/papertrail deploys, one set for each Region of an environment:
//
//   - [Storage] holds what must not be lost: keys, buckets, log group. It
//     changes rarely and is protected against deletion.
//   - [Capture] turns recording on: the logging configuration in each Region,
//     the CloudTrail trail in the home Region.
//   - [Monitoring] tells people: alert topics, metric filters, alarms, tamper
//     rules, the dashboard, and the guard of the logging configuration.
//   - [Cost], in the home Region of an environment with costs, says who pays:
//     inference profiles, budgets, anomaly monitor.
//   - [Ledger] answers questions: a row for each call, work groups, saved queries.
//
// [Environment] makes them all from one entry of environments.yaml:
//
//	file, err := config.Load("environments.yaml")
//	...
//	stacks.NewEnvironment(app, file.Environments["prod"], nil)
//
// References between the stacks are weak (Fn::GetStackOutput): a stack can
// change or replace what another one reads, and no "export in use" error holds
// it up. The reader follows with its next deployment; where nothing else about
// it has changed, the CLI has to be told with --force.
package stacks

const pkg = "stacks"
