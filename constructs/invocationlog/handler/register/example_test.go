package register_test

import (
	"context"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// account is SSM in memory.
type account map[string]register.Parameter

func (a account) GetParameter(_ context.Context, name string) (register.Parameter, error) {
	p, ok := a[name]
	if !ok {
		return p, register.ErrParameterNotFound
	}
	return p, nil
}

func (a account) PutParameter(_ context.Context, name, value string, overwrite bool) (int64, error) {
	p, ok := a[name]
	if ok && !overwrite {
		return 0, register.ErrParameterAlreadyExists
	}
	a[name] = register.Parameter{Value: value, Version: p.Version + 1}
	return p.Version + 1, nil
}

func (a account) DeleteParameter(_ context.Context, name string) error {
	delete(a, name)
	return nil
}

// Two stacks declare the same configuration. Each takes the lock, notes what it
// declares, and the delete of one sees the other.
func ExampleLock_AlsoDeclared() {
	ctx, parameters := context.Background(), account{}
	config := &logging.Config{S3Config: &logging.S3Config{BucketName: "prompts"}}
	for _, stack := range []string{"a", "b"} {
		name := "/paper-trail/" + stack + "/logging-configuration"
		lock, err := register.Acquire(ctx, parameters, stack+"/Logging", time.Now().Add(time.Minute), register.Declaring(name, config))
		if err != nil {
			panic(err)
		}
		lock.Declare(name, config)
		fmt.Println(stack, "sees", lock.AlsoDeclared(name, config))
		if err := lock.Release(ctx); err != nil {
			panic(err)
		}
	}
	// Output:
	// a sees []
	// b sees [/paper-trail/a/logging-configuration]
}

func ExampleRegister_Without() {
	r := &register.Register{
		Owner: "stack/Renamed", Previous: &logging.Config{S3Config: &logging.S3Config{BucketName: "ours"}},
		Earlier: &register.Register{Owner: "stack/Logging", Previous: &logging.Config{S3Config: &logging.S3Config{BucketName: "theirs"}}},
	}
	// The newer one inherits what the one before had found.
	fmt.Println(r.Without("stack/Logging").Previous.S3Config.BucketName)
	// Output: theirs
}
