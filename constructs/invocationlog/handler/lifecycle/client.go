package lifecycle

import (
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// Client is what the lifecycle needs of AWS.
type Client interface {
	logging.Client
	register.Parameters
}

// patient is a client that repeats the calls which may succeed later.
type patient struct {
	logging.Client
	register.Parameters
}

func newPatient(configuration logging.Client, parameters register.Parameters) Client {
	return patient{logging.Patient(configuration), register.Patient(parameters, logging.IsTransient)}
}
