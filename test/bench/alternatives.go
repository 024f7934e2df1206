package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler"
	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

// alternatives is where what the function is measured against lives.
const alternatives = "test/bench/alternatives"

// contender is a custom resource's function that puts the logging configuration.
type contender struct {
	name string
	// command runs it for one event.
	command func(region *region, event []byte) *exec.Cmd
	// properties are its ResourceProperties for a logging configuration.
	properties func(config string) any

	times, peaks []float64 // ms, MB
}

// measureAnswer measures, for the function and the usual alternatives, the time
// from the start of the process to the answer that reaches CloudFormation, and
// the memory by then.
func measureAnswer(work string, runs int) ([]figure.Figure, error) {
	contenders, err := newContenders(work)
	if err != nil {
		return nil, err
	}
	for run := range runs + 1 {
		for _, c := range contenders { // in turn, so that a slow moment hits all alike
			took, peak, err := c.answerOnce()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if run > 0 { // the first warms the caches
				c.times, c.peaks = append(c.times, took.Seconds()*1000), append(c.peaks, peak)
			}
		}
	}
	ours, others := contenders[0], contenders[1:]
	figures := []figure.Figure{
		{Name: ours.name + ", start to answered event", Value: figure.Median(ours.times), Unit: "ms"},
		{Name: ours.name + ", peak memory", Value: figure.Median(ours.peaks), Unit: "MB"},
	}
	for _, other := range others {
		figures = append(figures,
			figure.Figure{Name: other.name + ", start to answered event", Value: figure.Median(other.times), Unit: "ms"},
			figure.Figure{Name: "  the function against it", Value: figure.Median(figure.Pairwise(ours.times, other.times, figure.Ratio)), Unit: "x", Limit: 0.25},
			figure.Figure{Name: other.name + ", peak memory", Value: figure.Median(other.peaks), Unit: "MB"},
			figure.Figure{Name: "  the function against it", Value: figure.Median(figure.Pairwise(ours.peaks, other.peaks, figure.Ratio)), Unit: "x", Limit: 0.25},
		)
	}
	return figures, nil
}

func newContenders(work string) ([]*contender, error) {
	sdk := filepath.Join(alternatives, "node_modules")
	python := filepath.Join(".venv", "bin", "python")
	_, noSDK := os.Stat(filepath.Join(sdk, "@aws-sdk", "client-bedrock"))
	_, noPython := os.Stat(python)
	switch {
	case noSDK != nil:
		return nil, fmt.Errorf("the SDK for the AwsCustomResource provider is missing in %s; run: npm ci --prefix %s", sdk, alternatives)
	case noPython != nil:
		return nil, fmt.Errorf("Python with boto3 is missing, %s; run: make install", python)
	}
	provider, err := extractProvider(work)
	if err != nil {
		return nil, err
	}
	sdk, err = filepath.Abs(sdk)
	if err != nil {
		return nil, err
	}
	native, err := handler.Source().Build(context.Background(), ownArchitecture())
	if err != nil {
		return nil, err
	}
	return []*contender{
		{
			name: "function",
			command: func(region *region, event []byte) *exec.Cmd {
				cmd := exec.Command(filepath.Join(native, "bootstrap"))
				cmd.Env = append(region.env(), "AWS_LAMBDA_RUNTIME_API="+region.runtimeAPI(event))
				return cmd
			},
			properties: func(config string) any {
				return map[string]string{"LoggingConfiguration": config, "OnExisting": "Refuse", "RegisterParameter": "/bench"}
			},
		},
		{
			name: "AwsCustomResource (Node)",
			command: func(region *region, event []byte) *exec.Cmd {
				cmd := exec.Command("node", filepath.Join(alternatives, "aws_custom_resource.js"), provider)
				cmd.Env = append(region.env(), "NODE_PATH="+sdk, "NODE_NO_WARNINGS=1")
				cmd.Stdin = bytes.NewReader(event)
				return cmd
			},
			properties: func(config string) any {
				call, _ := json.Marshal(map[string]any{
					"service": "bedrock", "action": "putModelInvocationLoggingConfiguration",
					"parameters":         map[string]any{"loggingConfig": json.RawMessage(config)},
					"physicalResourceId": map[string]string{"id": "bedrock-model-invocation-logging"},
				}) // it is made of JSON
				return map[string]string{"Create": string(call), "InstallLatestAwsSdk": "false"}
			},
		},
		{
			name: "boto3 (Python)",
			command: func(region *region, event []byte) *exec.Cmd {
				cmd := exec.Command(python, filepath.Join(alternatives, "boto3_handler.py"))
				cmd.Env = region.env()
				cmd.Stdin = bytes.NewReader(event)
				return cmd
			},
			properties: func(config string) any { return map[string]string{"LoggingConfiguration": config} },
		},
	}, nil
}

// extractProvider takes the handler of AwsCustomResource out of the aws-cdk-lib
// that the module uses, and returns its path.
func extractProvider(work string) (string, error) {
	const module = "github.com/aws/aws-cdk-go/awscdk/v2"
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w; run: go mod download", module, err)
	}
	packed, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "jsii", "aws-cdk-lib-*.tgz"))
	if err != nil || len(packed) != 1 {
		return "", fmt.Errorf("no aws-cdk-lib in %s; run: go mod download", dir)
	}
	file, err := os.Open(packed[0])
	if err != nil {
		return "", err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", packed[0], err)
	}
	const inside = "package/custom-resource-handlers/dist/custom-resources/aws-custom-resource-handler/index.js"
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if err != nil {
			return "", fmt.Errorf("%s: no %s: %w", packed[0], inside, err)
		}
		if header.Name != inside {
			continue
		}
		source, err := io.ReadAll(archive)
		if err != nil {
			return "", err
		}
		path := filepath.Join(work, "aws-custom-resource-handler.js")
		return path, os.WriteFile(path, source, 0o600)
	}
}

// answerOnce runs the contender for one Create, in a Region where nothing is
// configured yet.
func (c *contender) answerOnce() (took time.Duration, peakMB float64, err error) {
	region := newRegion()
	defer region.server.Close()
	event, err := json.Marshal(map[string]any{
		"RequestType": "Create", "RequestId": "request", "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/bench/guid",
		"LogicalResourceId": "Logging", "ResourceType": "Custom::Bench", "ResponseURL": region.server.URL + "/answer",
		"ResourceProperties": c.properties(loggingConfig),
	})
	if err != nil {
		return 0, 0, err
	}
	cmd := c.command(region, event)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	region.peak = func() (float64, error) { return peakMemory(cmd.Process.Pid) }
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	select {
	case got := <-region.answers:
		if !strings.Contains(got.body, `"SUCCESS"`) || region.config == nil {
			return 0, 0, fmt.Errorf("answered %s", got.body)
		}
		return got.at.Sub(start), got.peakMB, got.err
	case <-time.After(30 * time.Second):
		return 0, 0, errors.New("no answer within 30 s:\n" + output.String())
	}
}
