package assistant_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

const region = "eu-west-1"

// converse is what the program sent to Converse.
type converse struct {
	Path            string
	RequestMetadata map[string]string
}

// between returns the address of a proxy in front of the emulator, and the calls
// that passed it.
func between(t *testing.T, stand *emulator.Emulator) (string, *[]converse) {
	t.Helper()
	to, err := url.Parse(stand.URL())
	require.NoError(t, err)
	var calls []converse
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		call := converse{Path: r.URL.Path}
		assert.NoError(t, json.Unmarshal(body, &call))
		calls = append(calls, call)
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, &calls
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func TestTheProgramSaysForWhomItCalls(t *testing.T) {
	stand, err := emulator.Start(t.Context(), emulator.Options{Name: t.Name()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stand.Stop()) })
	endpoint, calls := between(t, stand)

	binary := filepath.Join(t.TempDir(), "assistant")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = "../../../examples/assistant"
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	address := freeAddress(t)
	var log bytes.Buffer
	program := exec.CommandContext(t.Context(), binary)
	program.Env = append(stand.Env(region),
		"AWS_ENDPOINT_URL="+endpoint,
		"MODEL_ID=anthropic.claude-3-haiku-20240307-v1:0",
		"PSEUDONYM_KEY="+strings.Repeat("0f", 32),
		"ADDRESS="+address)
	program.Stderr = &log
	require.NoError(t, program.Start())
	ended := false
	end := func() {
		if !ended {
			ended = true
			_ = program.Process.Kill()
			_ = program.Wait()
		}
	}
	t.Cleanup(end)
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
		}
		return err == nil
	}, time.Minute, 10*time.Millisecond)

	ask := func(user, question string) (*http.Response, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/ask", strings.NewReader(question))
		require.NoError(t, err)
		if user != "" {
			request.Header.Set("X-User", user)
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response, string(body)
	}
	response, answer := ask("ann@example.com", "What is Object Lock?")
	require.Equal(t, http.StatusOK, response.StatusCode, answer)
	assert.NotEmpty(t, answer)
	id := response.Header.Get("X-Request-Id")
	require.Len(t, *calls, 1)
	first := (*calls)[0].RequestMetadata
	assert.Regexp(t, `^u-[0-9a-f]{32}$`, first["user_id"])
	assert.Equal(t, map[string]string{"user_id": first["user_id"], "task_type": "answer-question", "request_id": id}, first)

	response, _ = ask("ann@example.com", "And who may shorten it?")
	assert.NotEqual(t, id, response.Header.Get("X-Request-Id"))
	assert.Equal(t, first["user_id"], (*calls)[1].RequestMetadata["user_id"], "the same user")

	response, _ = ask("", "Who am I?")
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Len(t, *calls, 2, "nothing is sent for nobody")

	end()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 2, "one for each call")
	assert.Contains(t, lines[0], `"request_id":"`+id+`"`)
	for _, line := range lines {
		for key := range first {
			assert.Equal(t, 1, strings.Count(line, `"`+key+`":`), line)
		}
	}
	assert.NotContains(t, log.String(), "ann@example.com")
	assert.NotContains(t, log.String(), "Object Lock", "prompts are not logged")
}
