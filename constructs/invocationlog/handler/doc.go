// Package handler carries the Go source of the Lambda function behind the custom
// resource Custom::BedrockInvocationLogging into the CDK application, where it
// is compiled at synthesis.
//
// The function itself is package main in folder bootstrap. What it does is
// package lifecycle, how it talks to CloudFormation package customresource;
// neither knows the CDK.
//
//	dir, err := handler.Source().Build(ctx, gofunction.Arm64)
package handler
