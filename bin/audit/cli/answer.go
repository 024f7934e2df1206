package cli

import (
	"context"
	"errors"

	athenaengine "github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/athena"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

// answer asks the engine the question of a and writes the answer. The text of the
// question comes from sql, which is called when the flags have been checked.
func (o *options) answer(ctx context.Context, s Streams, a *render.Answer, sql func() string) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	p := newProgress(s.Err)
	defer p.clear()
	e, err := o.open(ctx, p, false)
	if err != nil {
		return err
	}
	defer func() {
		if closing := e.Close(); closing != nil {
			err = errors.Join(err, closing)
		}
	}()
	if a.Result, err = e.Query(ctx, sql()); err != nil {
		return err
	}
	a.Cut()
	if ledger, ok := e.(*athenaengine.Engine); ok && a.Question == "sql" {
		a.Completeness = ledger.Cost()
	} else if a.Completeness, err = e.Completeness(ctx, o.filter()); err != nil {
		return err
	}
	p.clear()
	return o.writeAnswer(s, a)
}
