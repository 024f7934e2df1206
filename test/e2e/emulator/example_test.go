package emulator_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

func ExampleStart() {
	ctx := context.Background()
	stand, err := emulator.Start(ctx, emulator.Options{Name: "example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stand.Stop()

	caller, err := sts.NewFromConfig(stand.Config("eu-west-1")).GetCallerIdentity(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("account", *caller.Account)
	// Output: account 111111111111
}
