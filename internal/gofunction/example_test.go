package gofunction_test

import (
	"fmt"
	"testing/fstest"

	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
)

func ExampleSource_Hash() {
	source := gofunction.Source{
		Module: fstest.MapFS{"go.mod": {Data: []byte("module example.com/m\n")}},
		Dir:    "functions/hello",
		Files:  fstest.MapFS{"bootstrap/main.go": {Data: []byte("package main\n\nfunc main() {}\n")}},
		Main:   "bootstrap",
	}
	hash, err := source.Hash(gofunction.Arm64)
	fmt.Println(hash[:16], err)
	// Output: 8b811d39e34ce446 <nil>
}
