// Package papertrail is the root of a library that gives an AWS account an
// unforgettable record of its generative-AI use on Amazon Bedrock: who asked,
// what was sent and answered, which model served it and what it cost, kept for
// seven years and guarded against being switched off or altered.
//
// There is nothing to call here. The constructs for the AWS CDK are the
// packages below constructs, the application that deploys them is
// bin/papertrail, and its settings are described by package config.
package papertrail

import "embed"

// ModuleFiles holds the go.mod and go.sum of this module. The Lambda functions
// of this module are compiled from source at synthesis with exactly these
// dependencies, whatever the go.mod of the importing application says.
//
//go:embed go.mod go.sum
var ModuleFiles embed.FS
