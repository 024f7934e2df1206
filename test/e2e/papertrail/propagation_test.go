package papertrail_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

// Bedrock refuses a role that is seconds old, until IAM has spread the word.
func TestADeploymentOutlastsThePropagationOfPermissions(t *testing.T) {
	env := start(t, home)
	env.configure("trail: {mode: none}")
	var puts atomic.Int32
	env.stand.InjectFaults(func(call emulator.Call) *emulator.Fault {
		if call.Operation != "PutModelInvocationLoggingConfiguration" || puts.Add(1) > 2 {
			return nil
		}
		return &emulator.Fault{
			Status: http.StatusBadRequest, Code: "ValidationException",
			Message: "Failed to validate permissions for log group: " + logGroup + ", with role: R. Verify the IAM role permissions are correct.",
		}
	})
	env.deploy()
	assert.Equal(env, env.declared(home), env.live(home))
	assert.EqualValues(env, 3, puts.Load(), "two refusals and a success")
}
