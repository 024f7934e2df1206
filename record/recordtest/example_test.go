package recordtest_test

import (
	"context"
	"fmt"
	"os"

	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func ExampleTraffic_Write() {
	dir, err := os.MkdirTemp("", "logs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	truth, err := recordtest.Traffic{
		Records: 1000,
		Faults:  recordtest.Faults{Truncated: 1, Duplicated: 1},
	}.Write(context.Background(), recordtest.ToDir(dir))
	if err != nil {
		panic(err)
	}
	fmt.Println(truth.Total.Calls+truth.Lost, "calls,", truth.Truncated, "object broken off")
	fmt.Println(len(truth.ByOperation), "operations")
	// Output:
	// 1000 calls, 1 object broken off
	// 4 operations
}
