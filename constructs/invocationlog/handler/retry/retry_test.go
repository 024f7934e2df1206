package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

var errTransient = errors.New("transient")

func always(error) bool { return true }

func TestRepeatsUntilSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		err := retry.Do(t.Context(), always, func(context.Context) error {
			if calls++; calls < 20 {
				return errTransient
			}
			return nil
		})
		assert.NoError(t, err)
		assert.Equal(t, 20, calls)
	})
}

func TestReturnsAPermanentErrorAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, calls := time.Now(), 0
		err := retry.Do(t.Context(), func(error) bool { return false }, func(context.Context) error {
			calls++
			return errTransient
		})
		assert.Equal(t, errTransient, err)
		assert.Equal(t, 1, calls)
		assert.Zero(t, time.Since(start))
	})
}

func TestEndsWithinTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start, calls := time.Now(), 0
		err := retry.Do(ctx, always, func(context.Context) error {
			calls++
			return errTransient
		})
		assert.Equal(t, errTransient, err)
		assert.Greater(t, calls, 3)
		assert.Less(t, time.Since(start), time.Minute)
	})
}

func TestTellsTheCauseWhenTheContextEndsDuringAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		first := true
		err := retry.Do(ctx, always, func(ctx context.Context) error {
			if first {
				first = false
				return errTransient
			}
			<-ctx.Done()
			return ctx.Err()
		})
		assert.Equal(t, errTransient, err)
	})
}

func TestACancelledContextEndsThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		err := retry.Do(ctx, always, func(context.Context) error {
			if calls++; calls == 3 {
				cancel()
			}
			return errTransient
		})
		assert.Equal(t, errTransient, err)
		assert.LessOrEqual(t, calls, 4)
	})
}
