package cdktest_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

func ExampleWarnings() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	stack := cdktest.NewStackIn(awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir}), "Stack")
	awscdk.Annotations_Of(stack).AddWarning(jsii.String("mind the step"))
	fmt.Println(cdktest.Warnings(stack))
	// Output: [mind the step]
}
