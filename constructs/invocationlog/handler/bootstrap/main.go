// Command bootstrap is the Lambda function that owns the model invocation
// logging configuration of an account and Region.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() {
	lambda.Start(func() {})
}
