// Package handler carries the Go source of the Lambda functions behind the custom
// resource Custom::BedrockInvocationLogging and its guard into the CDK
// application, where it is compiled at synthesis.
//
// The functions are one package main, in folder bootstrap. What the custom
// resource does is package lifecycle, how it talks to CloudFormation package
// customresource; what the guard does is package guard. None knows the CDK.
//
//	dir, err := handler.Source().Build(ctx, gofunction.Arm64)
package handler
