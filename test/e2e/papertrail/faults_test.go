package papertrail_test

import (
	"cmp"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

// seedVariable names the environment variable that makes TestUnderFaults repeat
// the faults of an earlier run, as far as the timing allows.
const seedVariable = "PAPER_TRAIL_FAULTS_SEED"

// Whatever happens between the function and AWS, a stack comes to an end, and the
// live configuration is the old one or the new one at every moment.
func TestUnderFaults(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, seedVariable)
	}
	t.Logf("to repeat it: %s=%d", seedVariable, seed)
	env := start(t, home)
	t.Cleanup(func() {
		if t.Failed() {
			written, err := env.stand.LogEvents(context.Background(), home)
			t.Log("what the functions wrote:\n", written, err)
		}
	})
	faults := &faults{random: rand.New(rand.NewPCG(seed, 0)), root: env.stand.Account()}

	flags := func(audio, video bool) {
		env.configureDisposable("trail: {mode: none}",
			"invocationLogging: {audio: "+strconv.FormatBool(audio)+", video: "+strconv.FormatBool(video)+"}")
	}
	wanted := func(audio bool) *bedrocktypes.LoggingConfig {
		config := env.declared(home)
		config.AudioDataDeliveryEnabled = aws.Bool(audio)
		return config
	}
	// deploy says whether the stacks are as configured; if not they are as before.
	deploy := func(env *environment, refusals int, refuse string) bool {
		env.Helper()
		faults.begin(refusals, refuse)
		env.stand.InjectFaults(faults.next)
		_, err := env.cdk("deploy")
		env.stand.InjectFaults(nil)
		env.Log(faults.summary())
		if faults.refused == 0 {
			require.NoError(env, err, "calls that succeed when repeated are no reason to fail")
		}
		for _, stack := range stacks {
			if err == nil || stack != monitoring {
				assert.Regexp(env, "^(|UPDATE_|ROLLBACK_|UPDATE_ROLLBACK_|CREATE_)COMPLETE$", env.status(home, stack), stack)
			}
		}
		return err == nil
	}

	flags(true, true)
	env.step("an environment is deployed or not", func(env *environment) {
		observed := env.observe(home)
		if !deploy(env, 1, "") {
			assert.Nil(env, env.live(home), "what a stack that was rolled back has left")
			require.True(env, deploy(env, 0, ""), "the second time")
		}
		assert.Subset(env, []string{"none", text(env, wanted(true))}, observed())
		assert.Equal(env, wanted(true), env.live(home))
	})
	audio := true
	for range 2 {
		env.step("an update happens or does not", func(env *environment) {
			flags(!audio, true)
			observed := env.observe(home)
			if deploy(env, 1, "") {
				audio = !audio
			}
			assert.Subset(env, []string{text(env, wanted(true)), text(env, wanted(false))}, observed())
			assert.Equal(env, wanted(audio), env.live(home))
		})
	}
	env.step("an update that AWS refuses is rolled back", func(env *environment) {
		flags(!audio, false)
		observed := env.observe(home)
		require.False(env, deploy(env, 0, `"videoDataDeliveryEnabled":false`))
		assert.Equal(env, "UPDATE_ROLLBACK_COMPLETE", string(env.status(home, capture)))
		assert.Equal(env, []string{text(env, wanted(audio))}, observed())
	})
	env.step("without faults everything works again", func(env *environment) {
		flags(!audio, true)
		env.deploy()
		assert.Equal(env, wanted(!audio), env.live(home))
	})
	env.step("the log tells each request's decision and no secret", func(env *environment) {
		written, err := env.stand.LogEvents(env.Context(), home)
		require.NoError(env, err)
		assert.NotContains(env, written, "/cfn-response/", "the address for the answer is a secret")
		outcomes := 0
		for line := range strings.Lines(written) {
			var said struct{ RequestID, RequestType, Decision, Duration string }
			if json.Unmarshal([]byte(line), &said) != nil || said.Decision == "" || said.RequestType == "" {
				continue
			}
			outcomes++
			assert.NotEmpty(env, said.RequestID, line)
			assert.NotEmpty(env, said.Duration, line)
		}
		assert.GreaterOrEqual(env, outcomes, 6, "create, two updates, the refused one, its rollback, the last:\n%s", written)
	})
	env.step("nothing is left of it", func(env *environment) {
		env.destroy()
		assert.Nil(env, env.live(home))
		assert.Empty(env, env.parameters(home))
	})
}

// faults decides, at random, what happens to the calls of the function. Those
// that a repetition can mend never hit one operation more than twice in a row,
// so that a deployment takes seconds.
type faults struct {
	random *rand.Rand
	root   string

	refusals int    // how many calls may still be refused for good
	refuse   string // Put is refused when it holds this
	refused  int
	injected map[string]int
	row      map[string]int
}

func (f *faults) begin(refusals int, refuse string) {
	f.refusals, f.refuse, f.refused = refusals, refuse, 0
	f.injected, f.row = map[string]int{}, map[string]int{}
}

func (f *faults) next(call emulator.Call) *emulator.Fault {
	const put = "PutModelInvocationLoggingConfiguration"
	switch {
	case call.Caller == f.root: // the test looks
		return nil
	case strings.HasSuffix(call.Operation, "Parameter") && !strings.Contains(call.Body, "/paper-trail/"): // the CLI looks
		return nil
	case call.Operation == put && f.refuse != "" && strings.Contains(call.Body, f.refuse):
		f.refused++
		return &emulator.Fault{Status: http.StatusBadRequest, Code: "ValidationException", Message: "refused by the test"}
	case call.Operation == emulator.AnswerResponseURL:
		// From here on CloudFormation may be rolling back. What is refused
		// then, a person has to mend.
		f.refusals = 0
	case strings.Contains(call.Body, register.LockParameter) && f.refusals > 0:
		// Nor is a call about the lock refused: were it the release, the next
		// request would wait for the end of the lease, which takes minutes.
	case f.refusals > 0 && f.random.IntN(20) == 0:
		f.refusals--
		f.refused++
		return f.count("refusal", &emulator.Fault{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "denied by the test"})
	}
	if f.row[call.Operation] == 2 || f.random.IntN(2) == 0 {
		f.row[call.Operation] = 0
		return nil
	}
	f.row[call.Operation]++
	delay := time.Duration(f.random.IntN(200)) * time.Millisecond
	applied := f.random.IntN(2) == 0
	after := map[bool]string{true: " after it was done", false: ""}[applied]
	switch f.random.IntN(4) {
	case 0:
		return f.count("throttle", &emulator.Fault{Status: http.StatusBadRequest, Code: "ThrottlingException", Message: "Rate exceeded"})
	case 1:
		return f.count("server error"+after, &emulator.Fault{Applied: applied, Status: http.StatusServiceUnavailable, Code: "ServiceUnavailableException", Message: "try again"})
	case 2:
		return f.count("reset"+after, &emulator.Fault{Applied: applied, Reset: true, Delay: delay})
	default:
		return f.count("latency", &emulator.Fault{Delay: delay})
	}
}

func (f *faults) count(kind string, fault *emulator.Fault) *emulator.Fault {
	f.injected[kind]++
	return fault
}

func (f *faults) summary() string {
	var kinds []string
	for kind, times := range f.injected {
		kinds = append(kinds, strconv.Itoa(times)+" "+kind)
	}
	slices.Sort(kinds)
	return "faults: " + cmp.Or(strings.Join(kinds, ", "), "none")
}

// observe reads the live configuration over and over. The function it returns
// ends that and says what there was, each once.
func (e *environment) observe(region string) (end func() []string) {
	e.Helper()
	client := bedrock.NewFromConfig(e.stand.Config(region))
	stop, done := make(chan struct{}), make(chan error, 1)
	var seen []string
	go func() {
		for {
			answer, err := client.GetModelInvocationLoggingConfiguration(e.Context(), &bedrock.GetModelInvocationLoggingConfigurationInput{})
			if err != nil {
				done <- err
				return
			}
			if config := text(e, answer.LoggingConfig); !slices.Contains(seen, config) {
				seen = append(seen, config)
			}
			select {
			case <-stop:
				done <- nil
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() []string {
		e.Helper()
		close(stop)
		require.NoError(e, <-done)
		return seen
	}
}

// text is a configuration as something that can be compared and read.
func text(t assert.TestingT, config *bedrocktypes.LoggingConfig) string {
	if config == nil {
		return "none"
	}
	raw, err := json.Marshal(config)
	assert.NoError(t, err)
	return string(raw)
}
