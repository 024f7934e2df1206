package emulator

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Options say how to run MiniStack. The zero value works inside the checkout.
type Options struct {
	// Name names the log, .work/NAME.log in the checkout, and begins the name of
	// Dir, .work/NAME-*; stands that run at the same time need different names.
	// Default: emulator.
	Name string
	// Account is the twelve-digit account in which everything happens. Default:
	// 111111111111.
	Account string
	// EnforcePolicies makes IAM, bucket, key and topic policies decide about every
	// call, the functions' own calls included; the account's root, with whose
	// credentials Env and Config work, may do everything. Default: off.
	EnforcePolicies bool
	// Detached lets the emulator outlive this process: there is no recording
	// proxy, and only Stop or a signal to the process group ends it. Default: it
	// ends with this process, however that ends.
	Detached bool
}

// rootSecret is the secret key of the emulated account's root.
const rootSecret = "emulator"

// Emulator is a running MiniStack with the recording proxy in front of it.
type Emulator struct {
	root     string
	account  string
	server   *server
	proxy    *httptest.Server // nil when detached
	recorder *recorder
}

// Start runs MiniStack on a free loopback port and returns when it answers. The
// error names the log, or what to install. Call Stop when done.
func Start(ctx context.Context, options Options) (*Emulator, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if options.Name == "" {
		options.Name = "emulator"
	}
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", port)
	e := &Emulator{root: root, account: options.Account, recorder: newRecorder(endpoint)}
	if e.account == "" {
		e.account = "111111111111"
	}
	if !options.Detached {
		e.proxy = httptest.NewServer(e.recorder)
		endpoint = e.proxy.URL
	}
	e.server, err = startServer(ctx, root, program{
		name: options.Name,
		args: []string{filepath.Join(root, "test", "e2e", "emulator", "launcher.py")},
		// Functions inherit the endpoint, so their calls pass the proxy as well.
		env: append(withoutAWS(os.Environ()),
			fmt.Sprintf("GATEWAY_PORT=%d", port),
			"MINISTACK_ACCOUNT_ID="+e.account,
			"AWS_ENDPOINT_URL="+endpoint,
			"AWS_SECRET_ACCESS_KEY="+rootSecret,
			fmt.Sprintf("AUTH=%t", options.EnforcePolicies),
		),
		port:       port,
		healthPath: "/_ministack/health",
		detached:   options.Detached,
	})
	if err != nil {
		e.closeProxy()
		return nil, err
	}
	return e, nil
}

// Stop ends the emulator and the functions it runs. Its state is gone, its log
// stays.
func (e *Emulator) Stop() error {
	e.closeProxy()
	return e.server.stop()
}

func (e *Emulator) closeProxy() {
	if e.proxy != nil {
		e.proxy.CloseClientConnections()
		e.proxy.Close()
	}
}

// URL returns the endpoint for AWS clients: the proxy's, or MiniStack's own when
// detached.
func (e *Emulator) URL() string {
	if e.proxy != nil {
		return e.proxy.URL
	}
	return e.server.url
}

// LogPath returns the path of the emulator's log. Functions do not write to it;
// see LogEvents.
func (e *Emulator) LogPath() string { return e.server.logPath }

// Dir returns a folder for files that are needed as long as the emulator runs.
// Stop removes it.
func (e *Emulator) Dir() string { return e.server.dir }

// PID returns the emulator's process id, which is its process group's id as well.
func (e *Emulator) PID() int { return e.server.cmd.Process.Pid }

// Account returns the account in which everything happens.
func (e *Emulator) Account() string { return e.account }

// Env returns the variables that point an AWS client at the emulator, in one
// Region and with credentials that exist nowhere else.
func (e *Emulator) Env(region string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + e.URL(),
		"AWS_ACCESS_KEY_ID=" + e.account, // MiniStack reads the account from it
		"AWS_SECRET_ACCESS_KEY=" + rootSecret,
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}

// Config returns the configuration of Go SDK clients for one Region. S3 clients
// must also use path-style addressing.
func (e *Emulator) Config(region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(e.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider(e.account, rootSecret, ""),
	}
}
