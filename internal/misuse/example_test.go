package misuse_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

func ExampleRequire() {
	defer func() { fmt.Println(recover()) }()
	misuse.Require("auditstore", "AuditBucket", "Key", nil)
	// Output: paper-trail/auditstore: AuditBucket needs AuditBucketProps.Key, got nil; set it
}
