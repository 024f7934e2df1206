package retry_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

func ExampleDo() {
	denied := errors.New("access denied")
	again := func(err error) bool { return !errors.Is(err, denied) }

	err := retry.Do(context.Background(), again, func(context.Context) error { return denied })
	fmt.Println(err)
	// Output: access denied
}
