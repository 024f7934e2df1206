package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// firstPause bounds the first pause; each further bound is twice as long.
	firstPause = 500 * time.Millisecond
	// longestPause bounds every pause.
	longestPause = 15 * time.Second
)

// Do calls action until it succeeds, until it fails with an error for which
// again is false, or until the deadline of ctx leaves no time for a further
// pause. It returns the last error of action that was not merely the end of ctx,
// so that the cause is told instead of "deadline exceeded".
func Do(ctx context.Context, again func(error) bool, action func(context.Context) error) error {
	var cause error
	for bound := firstPause; ; bound = min(2*bound, longestPause) {
		err := action(ctx)
		if err != nil && ctx.Err() != nil && cause != nil {
			return cause
		}
		if err == nil || !again(err) || !pause(ctx, rand.N(bound)) {
			return err
		}
		cause = err
	}
}

// pause reports whether it could wait for d within the deadline of ctx.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
