package handler

import (
	"embed"

	papertrail "github.com/bedrock-paper-trail/paper-trail"
	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
)

//go:embed awsclient/*.go bootstrap/*.go costtags/*.go customresource/*.go guard/*.go lifecycle/*.go logging/*.go register/*.go retry/*.go
var files embed.FS

// Source returns the source of the Lambda functions, which are one program.
func Source() gofunction.Source {
	return gofunction.Source{
		Module: papertrail.ModuleFiles,
		Dir:    "constructs/invocationlog/handler",
		Files:  files,
		Main:   "bootstrap",
	}
}
