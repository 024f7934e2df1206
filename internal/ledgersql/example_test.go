package ledgersql_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

func ExampleHours() {
	fmt.Println(ledgersql.Hours(ledgersql.Filter{Users: []string{"O'Brien"}}))
	// Output:
	// SELECT date_trunc('hour', called_at) AS hour,
	//   region,
	//   count(*) AS calls,
	//   count(*) - count(error_code) AS served
	// FROM calls
	// WHERE (user_id IN ('O''Brien'))
	// GROUP BY 1, 2
	// ORDER BY hour, calls DESC, region NULLS LAST
}
