// Package scenario holds weeks of an account's life against all alarms of its
// monitoring stacks: in weeks in which nothing is wrong none fires, and each
// condition that an alarm is for makes it fire within its time, alone, until it is
// over.
//
// The weeks are made of model calls. Their records and events, of the shapes that
// the tests of package alerting collect, go through the metric filters of the
// template itself; package alarmsim evaluates its alarms.
package scenario
