package guard

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

var errBusy = errors.New("busy")

func (r *run) takeTurn(ctx context.Context) (release func(), err error) {
	return func() {}, nil
}

// declared is what the last deployment put.
func (r *run) declared(ctx context.Context) (*logging.Config, error) {
	entry, err := register.Load(ctx, r.parameters, r.settings.RegisterParameter)
	if err != nil {
		return nil, err
	}
	if entry == nil || !entry.IsOf(r.settings.Owner) {
		return nil, fmt.Errorf("SSM parameter %s says nothing of %s; deploy the stack", r.settings.RegisterParameter, r.settings.Owner)
	}
	return entry.Previous, nil
}
