package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore/internal/gunzip"
)

func Example() {
	var object bytes.Buffer
	w := gzip.NewWriter(&object)
	io.WriteString(w, "a record\n")
	w.Close()

	var r gunzip.Reader
	r.Reset(object.Bytes())
	text, err := io.ReadAll(&r)
	fmt.Printf("%q %v\n", text, err)
	// Output: "a record\n" <nil>
}
