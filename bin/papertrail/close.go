package main

import (
	"bytes"
	"io"
	"os"

	"github.com/aws/jsii-runtime-go"
)

// reaped is what jsii says when two of its goroutines wait for the end of its
// Node.js process, and the slower one finds none.
var reaped = []byte("Runtime process exited abnormally: waitid: no child processes")

// closeKernel ends jsii's Node.js process. All that the CDK still has to say is
// passed on; that the process ended as it was told to is not.
func closeKernel() {
	stderr := os.Stderr
	reader, writer, err := os.Pipe()
	if err != nil {
		jsii.Close()
		return
	}
	said := make(chan []byte)
	go func() {
		text, _ := io.ReadAll(reader)
		said <- text
	}()
	os.Stderr = writer
	jsii.Close()
	writer.Close() // os.Stderr stays closed: the slower goroutine may be later still
	stderr.Write(bytes.ReplaceAll(<-said, reaped, nil))
}
