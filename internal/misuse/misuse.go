package misuse

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Panicf panics with "paper-trail/<pkg>: <message>".
func Panicf(pkg, format string, args ...any) {
	panic(Errorf(pkg, format, args...).Error())
}

// Errorf is the error that Panicf panics with, for constructs that first
// collect all problems of their props.
func Errorf(pkg, format string, args ...any) error {
	return fmt.Errorf("paper-trail/%s: "+format, append([]any{pkg}, args...)...)
}

// PanicAll panics with all the errors, one a line, and does nothing when there
// is none.
func PanicAll(problems []error) {
	if len(problems) > 0 {
		panic(errors.Join(problems...).Error())
	}
}

// RequireScope panics unless scope and id are given.
func RequireScope(pkg, construct string, scope constructs.Construct, id *string) {
	if IsNil(scope) {
		Panicf(pkg, "%s needs a scope, got nil; pass the stack or construct it shall live in", construct)
	}
	if id == nil || *id == "" {
		Panicf(pkg, "%s needs an id, got none; pass jsii.String with a name unique in its scope", construct)
	}
}

// Require panics unless the named prop is given.
func Require(pkg, construct, prop string, value any) {
	if IsNil(value) {
		Panicf(pkg, "%s needs %sProps.%s, got nil; set it", construct, construct, prop)
	}
}

// RequireText panics unless the named argument of a method is given.
func RequireText(pkg, method, argument string, value *string) {
	if value == nil || *value == "" {
		Panicf(pkg, "%s needs %s, got none; pass it", method, argument)
	}
}

// Warn adds a warning to a construct that a user can acknowledge by its id,
// "paper-trail:<what>".
func Warn(scope constructs.IConstruct, what, message string) {
	awscdk.Annotations_Of(scope).AddWarningV2(jsii.String("paper-trail:"+what), jsii.String(message))
}

// RemovalProblems refuses the policy that would be ignored: AWS takes no snapshots
// of what this module makes.
func RemovalProblems(pkg, construct string, policy awscdk.RemovalPolicy) []error {
	if policy != awscdk.RemovalPolicy_SNAPSHOT {
		return nil
	}
	return []error{Errorf(pkg, "%sProps.RemovalPolicy has to be RETAIN, RETAIN_ON_UPDATE_OR_DELETE or DESTROY, got SNAPSHOT, of which AWS takes none here; use RETAIN", construct)}
}

// IsNil tells whether value is nil or an interface that holds a nil pointer,
// which a plain comparison misses.
func IsNil(value any) bool {
	if value == nil {
		return true
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Interface:
		return v.IsNil()
	default:
		return false
	}
}
