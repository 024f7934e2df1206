package athena_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/athena"
)

// canned answers each query with one row, as an Athena client would.
type canned struct{ athena.Client }

func (canned) StartQueryExecution(context.Context, *sdk.StartQueryExecutionInput, ...func(*sdk.Options)) (*sdk.StartQueryExecutionOutput, error) {
	return &sdk.StartQueryExecutionOutput{QueryExecutionId: aws.String("query-1")}, nil
}

func (canned) GetQueryExecution(context.Context, *sdk.GetQueryExecutionInput, ...func(*sdk.Options)) (*sdk.GetQueryExecutionOutput, error) {
	return &sdk.GetQueryExecutionOutput{QueryExecution: &types.QueryExecution{
		Status:     &types.QueryExecutionStatus{State: types.QueryExecutionStateSucceeded},
		Statistics: &types.QueryExecutionStatistics{DataScannedInBytes: aws.Int64(20 << 20)},
	}}, nil
}

func (canned) GetQueryResults(context.Context, *sdk.GetQueryResultsInput, ...func(*sdk.Options)) (*sdk.GetQueryResultsOutput, error) {
	row := func(text string) types.Row { return types.Row{Data: []types.Datum{{VarCharValue: &text}}} }
	return &sdk.GetQueryResultsOutput{ResultSet: &types.ResultSet{
		ResultSetMetadata: &types.ResultSetMetadata{ColumnInfo: []types.ColumnInfo{{Name: aws.String("calls"), Type: aws.String("bigint")}}},
		Rows:              []types.Row{row("calls"), row("1200")},
	}}, nil
}

func Example() {
	ledger, err := athena.New(athena.Options{
		Client: canned{}, Database: "paper_trail_prod", WorkGroup: "paper-trail-ledger", Pause: time.Millisecond,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := ledger.Query(context.Background(), "SELECT count(*) AS calls FROM calls")
	fmt.Println(answer.Rows[0][0], err, ledger.Cost().ScannedBytes)
	// Output: 1200 <nil> 20971520
}
