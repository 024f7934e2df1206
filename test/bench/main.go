// Command bench measures what a user waits for, side by side in one run:
//
//   - synthesis of the sample environment prod, in one, two and three Regions,
//     against an empty CDK app and against one that declares the same resources
//     plainly, with the function compiled beforehand and the template validation
//     engine off;
//   - the size of the Lambda function for arm64, zipped;
//   - the time from the start of the function's process to its first call of
//     the Lambda Runtime API, on this machine;
//   - the time from there to the answer that CloudFormation gets, and the memory,
//     against the CDK's AwsCustomResource and a function with boto3, which put
//     the same configuration at the same local endpoint and do nothing else.
//
// Machines are noisy: read the ratios, not the times. Run it with `make bench`;
// -json prints the figures for machines.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler"
	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

func main() {
	runs := flag.Int("runs", 9, "runs of each command; the median counts")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	figures, err := measure(*runs)
	if err = errors.Join(err, figure.Write(os.Stdout, figures, *asJSON)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(runs int) ([]figure.Figure, error) {
	work, err := os.MkdirTemp("", "paper-trail-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	synthesis, err := measureSynthesis(work, runs)
	if err != nil {
		return nil, err
	}
	function, err := measureFunction(runs)
	if err != nil {
		return synthesis, err
	}
	answer, err := measureAnswer(work, runs)
	return slices.Concat(synthesis, function, answer), err
}

// The limits are of an empty app, and no app can keep them with as many resources
// as an environment has: the plain app shows what the CDK itself takes for them.
func measureSynthesis(work string, runs int) ([]figure.Figure, error) {
	for name, pkg := range map[string]string{"empty": "./test/bench/emptyapp", "plain": "./test/bench/plainapp", "papertrail": "./bin/papertrail"} {
		build := exec.Command("go", "build", "-o", filepath.Join(work, name), pkg)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("go build %s: %w; run bench from the root of the module", pkg, err)
		}
	}
	flags, err := appContext()
	if err != nil {
		return nil, err
	}
	app := func(out string, settings map[string]any, command ...string) func() error {
		settings = maps.Clone(settings)
		maps.Copy(settings, flags)
		return func() error {
			raw, err := json.Marshal(settings)
			if err != nil {
				return err
			}
			cmd := exec.Command(filepath.Join(work, command[0]), command[1:]...)
			cmd.Env = append(os.Environ(), "CDK_VALIDATION=false", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20",
				"CDK_CONTEXT_JSON="+string(raw), "CDK_OUTDIR="+filepath.Join(work, out))
			if text, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w\n%s", command[0], err, text)
			}
			return nil
		}
	}
	apps := []func() error{app("out-empty", map[string]any{}, "empty")}
	for regions := 1; regions <= 3; regions++ {
		path, out := filepath.Join(work, fmt.Sprintf("environments-%d.yaml", regions)), fmt.Sprint("out-", regions)
		if err := writeEnvironment(path, regions); err != nil {
			return nil, err
		}
		apps = append(apps,
			app(out, map[string]any{"env": "prod", "config": path}, "papertrail"),
			app(out+"-plain", map[string]any{}, "plain", filepath.Join(work, out)))
	}
	times := make([][]float64, len(apps))
	for run := range runs + 1 {
		for i, app := range apps { // in turn, so that a slow moment hits all alike
			start := time.Now()
			if err := app(); err != nil {
				return nil, err
			}
			if run > 0 { // the first warms the caches
				times[i] = append(times[i], time.Since(start).Seconds()*1000)
			}
		}
	}
	empty, one, plainOne, two, plainTwo, three, plainThree := times[0], times[1], times[2], times[3], times[4], times[5], times[6]
	half := func(a, b float64) float64 { return (a - b) / 2 }
	return []figure.Figure{
		{Name: "synthesis of an empty app", Value: figure.Median(empty), Unit: "ms"},
		{Name: "synthesis of prod in two Regions", Value: figure.Median(two), Unit: "ms"},
		{Name: "  against the empty app", Value: figure.Median(figure.Pairwise(two, empty, figure.Ratio)), Unit: "x", Limit: 1.5},
		{Name: "  its resources in a plain app, against the empty one", Value: figure.Median(figure.Pairwise(plainTwo, empty, figure.Ratio)), Unit: "x"},
		{Name: "  against the plain app", Value: figure.Median(figure.Pairwise(two, plainTwo, figure.Ratio)), Unit: "x"},
		{Name: "synthesis of a further Region", Value: figure.Median(figure.Pairwise(three, one, half)), Unit: "ms", Limit: 100},
		{Name: "  its resources in a plain app", Value: figure.Median(figure.Pairwise(plainThree, plainOne, half)), Unit: "ms"},
	}, nil
}

// writeEnvironment writes prod with the given number of Regions.
func writeEnvironment(path string, regions int) error {
	further := []string{"us-east-1", "us-west-2"}[:regions-1]
	return os.WriteFile(path, fmt.Appendf(nil, `environments:
  prod:
    account: "222222222222"
    region: eu-west-1
    additionalRegions: [%s]
    alerts: {emails: [ai-governance@example.com]}
    tags: {project: paper-trail, owner: ai-governance, cost-center: cc-4711}
`, strings.Join(further, ", ")), 0o600)
}

func appContext() (map[string]any, error) {
	raw, err := os.ReadFile("cdk.json")
	if err != nil {
		return nil, fmt.Errorf("%w; run bench from the root of the module", err)
	}
	var settings struct{ Context map[string]any }
	return settings.Context, json.Unmarshal(raw, &settings)
}

func measureFunction(runs int) ([]figure.Figure, error) {
	arm, err := handler.Source().Build(context.Background(), gofunction.Arm64)
	if err != nil {
		return nil, err
	}
	zipped, err := os.Stat(filepath.Join(arm, gofunction.Archive))
	if err != nil {
		return nil, err
	}
	native, err := handler.Source().Build(context.Background(), ownArchitecture())
	if err != nil {
		return nil, err
	}
	var starts []float64
	for range runs {
		start, err := firstCall(filepath.Join(native, "bootstrap"))
		if err != nil {
			return nil, err
		}
		starts = append(starts, start.Seconds()*1000)
	}
	return []figure.Figure{
		{Name: "function for arm64, zipped", Value: float64(zipped.Size()) / 1e6, Unit: "MB", Limit: 6},
		{Name: "function, start to first Runtime API call", Value: figure.Median(starts), Unit: "ms", Limit: 50},
	}, nil
}

func ownArchitecture() gofunction.Architecture {
	if runtime.GOARCH == "arm64" {
		return gofunction.Arm64
	}
	return gofunction.X86_64
}

// firstCall starts the function against a Runtime API that never has an event
// for it, and ends it once it has asked for one.
func firstCall(binary string) (time.Duration, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	asked := make(chan time.Time, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case asked <- time.Now():
		default:
		}
		<-r.Context().Done()
	})}
	go server.Serve(listener)
	defer server.Close()

	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String(), "AWS_REGION=eu-west-1")
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	select {
	case at := <-asked:
		return at.Sub(start), nil
	case <-time.After(10 * time.Second):
		return 0, fmt.Errorf("%s made no call of the Runtime API within 10 s", binary)
	}
}
