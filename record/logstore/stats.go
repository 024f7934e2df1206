package logstore

import "fmt"

// maxBroken is how many broken objects and lines are named; all are counted.
const maxBroken = 1000

// Stats counts what a reading met.
type Stats struct {
	Objects       int64 // log objects read, the broken ones included
	Records       int64 // lines, without the broken ones
	Bytes         int64 // of the objects read, as stored
	Skipped       int64 // objects that are no logs: permission-check markers, side files under data/, other names
	BrokenObjects int64 // objects that could not be read to their end
	BrokenLines   int64 // lines that are too long or no records
	// Broken names the broken objects and lines, the first 1000 of them.
	Broken []Broken
}

// Broken is an object that could not be read to its end, or a line that could
// not be read.
type Broken struct {
	Object  string // see [Store.Name]
	Line    int64  // the line, from 1; 0 if the object is broken
	Records int64  // lines of the object that were delivered before
	Err     error
}

// String says it in one line.
func (b Broken) String() string {
	if b.Line > 0 {
		return fmt.Sprintf("%s: line %d: %v", b.Object, b.Line, b.Err)
	}
	return fmt.Sprintf("%s: %v, after %d records", b.Object, b.Err, b.Records)
}
