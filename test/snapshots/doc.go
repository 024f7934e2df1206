// Package snapshots compares the templates of the sample environments with the
// ones in __snapshots__, so that no change of a template goes unnoticed: a
// logical id is an API here, since another id replaces what holds evidence.
//
// `make snapshots` rewrites them after an intended change.
package snapshots
