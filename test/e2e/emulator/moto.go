package emulator

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Moto is a running moto server. Its S3 decides about Object Lock as AWS
// documents it, deletes without a version included; it evaluates no policy
// conditions.
type Moto struct {
	server *server
}

// StartMoto runs moto on a free loopback port and returns when it answers; name
// names its log, .work/NAME.log in the checkout. Call Stop when done.
func StartMoto(ctx context.Context, name string) (*Moto, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	server, err := startServer(ctx, root, program{
		name:       name,
		args:       []string{"-m", "moto.server", "-H", "127.0.0.1", "-p", fmt.Sprint(port)},
		env:        withoutAWS(os.Environ()),
		port:       port,
		healthPath: "/moto-api/",
	})
	if err != nil {
		return nil, err
	}
	return &Moto{server: server}, nil
}

// Stop ends the server. Its state is gone, its log stays.
func (m *Moto) Stop() error { return m.server.stop() }

// Config returns the configuration of Go SDK clients for one Region. S3 clients
// must also use path-style addressing.
func (m *Moto) Config(region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(m.server.url),
		Credentials:  credentials.NewStaticCredentialsProvider("moto", "moto", ""),
	}
}
