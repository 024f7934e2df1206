package filterpattern_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

// A metric filter counts throttled calls.
func Example() {
	pattern, err := filterpattern.Parse(`{ ($.errorCode = "Throttling*") || ($.status = 429) }`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, event := range []string{
		`{"errorCode": "ThrottlingException"}`,
		`{"status": 429}`,
		`{"status": 200}`,
		`{"status": "200"}`,
	} {
		matches, err := pattern.Match(event)
		fmt.Println(event, matches, err != nil)
	}
	// Output:
	// {"errorCode": "ThrottlingException"} true false
	// {"status": 429} true false
	// {"status": 200} false false
	// {"status": "200"} false true
}
