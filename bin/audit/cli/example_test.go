package cli_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/cli"
)

func ExampleExec() {
	var out, problems strings.Builder
	code := cli.Exec(context.Background(), []string{"cost", "--by", "colour", "--source", "."},
		cli.Streams{In: os.Stdin, Out: &out, Err: &problems})
	fmt.Println(code, problems.String())
	// Output:
	// 2 audit: --by colour is unknown; choose of user, task, kb, model, principal, day, hour
}
