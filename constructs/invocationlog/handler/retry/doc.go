// Package retry repeats an action with exponential backoff and full jitter for
// as long as the context's deadline allows.
//
//	err := retry.Do(ctx, isTransient, func(ctx context.Context) error { … })
package retry
