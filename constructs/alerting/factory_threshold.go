package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// graded is a threshold of a severity.
type graded[T any] struct {
	severity  Severity
	threshold T
}

// grade lists the thresholds that are given. When none is, there is one with the
// defaults at the severity byDefault.
func grade[T any](warning, critical *T, byDefault Severity, defaults T) []graded[T] {
	var list []graded[T]
	if warning != nil {
		list = append(list, graded[T]{Severity_WARNING, *warning})
	}
	if critical != nil {
		list = append(list, graded[T]{Severity_CRITICAL, *critical})
	}
	if len(list) == 0 {
		list = append(list, graded[T]{byDefault, defaults})
	}
	return list
}

// or is the value of an optional number.
func or(given *float64, byDefault float64) float64 {
	if given == nil {
		return byDefault
	}
	return *given
}

// seconds is an optional time, 0 when it is not given.
func seconds(given awscdk.Duration) float64 {
	if misuse.IsNil(given) {
		return 0
	}
	return *given.ToSeconds(nil)
}

// outside is the problem of a number of a threshold that is not within its
// bounds; NaN never is.
func outside(prop string, got, least, most float64) []error {
	if got >= least && got <= most {
		return nil
	}
	return []error{misuse.Errorf(pkg, "%s has to be %v to %v, got %v; give a number in between", prop, least, most, got)}
}
