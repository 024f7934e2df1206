package record

import "errors"

// Parse reads one line of a log object.
func Parse(line []byte) (*Record, error) { return nil, errors.New("record: not an object") }
