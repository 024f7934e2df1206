package papertrail_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

// Changes of a deployed environment. It is disposable, since there CloudFormation
// would hand a Delete on to the function.
func TestUpdates(t *testing.T) {
	env := start(t, home)
	env.configureDisposable("trail: {mode: none}")
	env.deploy()
	resource := env.physical(home, capture, "InvocationLogging")
	declared := env.declared(home)
	require.Equal(env, declared, env.live(home))

	env.step("a changed flag reaches the live configuration and logging is never off", func(env *environment) {
		env.configureDisposable("trail: {mode: none}", "invocationLogging: {audio: false}")
		env.stand.Forget()
		watched := env.watch(home)
		env.deploy()
		assert.Zero(env, watched(), "times that logging was seen off")

		declared.AudioDataDeliveryEnabled = aws.Bool(false)
		assert.Equal(env, declared, env.live(home))
		assert.Equal(env, []string{http.MethodPut}, methods(env.stand.LoggingCalls(home)))
		assert.Equal(env, resource, env.physical(home, capture, "InvocationLogging"), "the physical id")
	})
	env.step("a refused change is rolled back to the old configuration", func(env *environment) {
		env.configureDisposable("trail: {mode: none}", "invocationLogging: {audio: false, video: false}")
		env.stand.InjectFaults(func(call emulator.Call) *emulator.Fault {
			if call.Method == http.MethodPut && strings.Contains(call.Body, `"videoDataDeliveryEnabled":false`) {
				return &emulator.Fault{Status: http.StatusBadRequest, Code: "ValidationException", Message: "refused by the test"}
			}
			return nil
		})
		defer env.stand.InjectFaults(nil)
		watched := env.watch(home)
		_, err := env.cdk("deploy")
		require.ErrorContains(env, err, "refused by the test")
		assert.Zero(env, watched(), "times that logging was seen off")

		assert.Equal(env, cfntypes.StackStatusUpdateRollbackComplete, env.status(home, capture))
		assert.Equal(env, declared, env.live(home))
	})
	env.step("a change that AWS takes but does not show is taken back", func(env *environment) {
		env.configureDisposable("trail: {mode: none}", "invocationLogging: {audio: false, video: false}")
		var taken, hidden bool
		env.stand.InjectFaults(func(call emulator.Call) *emulator.Fault {
			switch {
			case call.Method == http.MethodPut:
				taken = true
			case call.Method == http.MethodGet && taken && !hidden:
				hidden = true
				return &emulator.Fault{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "hidden by the test"}
			}
			return nil
		})
		defer env.stand.InjectFaults(nil)
		env.stand.Forget()
		_, err := env.cdk("deploy")
		require.ErrorContains(env, err, "hidden by the test")

		assert.Equal(env, cfntypes.StackStatusUpdateRollbackComplete, env.status(home, capture))
		assert.Equal(env, declared, env.live(home))
		assert.Equal(env, []string{http.MethodPut, http.MethodPut, http.MethodPut}, methods(env.stand.LoggingCalls(home)),
			"the new one, the old one by the function, the old one by CloudFormation's rollback")
	})
}

// watch reads the live configuration over and over. The function it returns ends
// that and says how often there was none.
func (e *environment) watch(region string) (end func() (off int)) {
	e.Helper()
	client := bedrock.NewFromConfig(e.stand.Config(region))
	stop, done := make(chan struct{}), make(chan error, 1)
	off, seen := 0, 0
	go func() {
		for {
			answer, err := client.GetModelInvocationLoggingConfiguration(e.Context(), &bedrock.GetModelInvocationLoggingConfigurationInput{})
			if err != nil {
				done <- err
				return
			}
			seen++
			if answer.LoggingConfig == nil {
				off++
			}
			select {
			case <-stop:
				done <- nil
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() int {
		e.Helper()
		close(stop)
		require.NoError(e, <-done)
		require.NotZero(e, seen)
		return off
	}
}
