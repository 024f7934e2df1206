// Package awsclient calls AWS for the functions, through the AWS SDK and without
// repeating anything.
//
//	config := awsclient.FromEnvironment(os.Getenv)
//	client := logging.Patient(awsclient.NewLogging(config))
package awsclient
