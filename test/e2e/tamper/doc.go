// Package tamper proves the tamper rules on an emulator of EventBridge: for each
// API call that they cover, an event as CloudTrail writes it is told by exactly
// one rule when it is about a resource of ours, and by none when it is about its
// neighbour.
//
// testdata is made by the tests of constructs/alerting, of the same list of calls
// as the rules.
package tamper
