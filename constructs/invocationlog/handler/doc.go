// Package handler carries the Go source of the Lambda functions into the CDK
// application, where it is compiled at synthesis: of the one behind the custom
// resource Custom::BedrockInvocationLogging, of its guard, and of the one that
// activates cost allocation tags.
//
// The functions are one package main, in folder bootstrap. What the custom
// resource does is package lifecycle, how it talks to CloudFormation package
// customresource; what the guard does is package guard, and what the activation
// does package costtags. None knows the CDK.
//
//	dir, err := handler.Source().Build(ctx, gofunction.Arm64)
package handler
