// Package hours finds the hours in which models were called, says Amazon
// CloudWatch, but which left nothing in the record.
//
// The metric is AWS/Bedrock Invocations, which counts calls that succeeded, by
// Region, hour and model. It is read from CloudWatch or from a file:
//
//	[{"region": "eu-central-1", "hour": "2026-03-01T14:00:00Z", "invocations": 118}]
package hours
