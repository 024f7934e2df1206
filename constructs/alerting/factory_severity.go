package alerting

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
