package lifecycle_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/lifecycle"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// operation is a step of a sequence: what happens to a stack, or outside of all.
type operation struct {
	Kind   string // one of operations
	Stack  int
	Config int
	Adopt  bool
	Format int       // how the properties are written
	Replay int       // which event of the stack comes again
	Faults [][]fault // of the runs that follow from it, in turn
	Delays []time.Duration
}

var operations = []string{
	"create", "update", "update and roll back", "rename", "delete", "retain", "come back", "replay", "race",
	"somebody puts", "somebody deletes", "a parameter is deleted",
}

// stack is what CloudFormation knows of one.
type stack struct {
	name       string
	generation int
	logical    int    // of the resource's names in the template
	names      int    // that it has had
	state      string // "", created, update failed, delete failed
	config     int
	adopt      bool
	target     int // of a failed update
	events     []sent
	taken      []string // requests that the register has seen, the latest last
	gone       []gone
}

// sent is an event that was sent, which Lambda may deliver again.
type sent struct {
	id      string
	request string
	adopt   bool
	body    map[string]any
}

// model is one sequence at work.
type model struct {
	t      *testing.T
	region *region
	stacks [2]*stack
	faults [][]fault
	delays []time.Duration
	number int
	trace  []string
}

const functionTime = 3 * time.Minute

func (m *model) violated(format string, args ...any) { m.region.violated(format, args...) }

func (s *stack) id() string        { return fmt.Sprintf("stack-%s-%d", s.name, s.generation) }
func (s *stack) logicalID() string { return fmt.Sprint("Logging", s.logical) }
func (s *stack) owner() string     { return s.id() + "/" + s.logicalID() }

func (s *stack) parameter() string { return "/paper-trail/" + s.name + "/logging-configuration" }

// properties are those of a configuration, in one of the forms in which they
// arrive.
func (s *stack) properties(number int, adopt bool, format int) map[string]any {
	text, _ := json.Marshal(config(s.name, number))
	p := map[string]any{
		"ServiceToken":         "arn:aws:lambda:eu-west-1:111122223333:function:f",
		"LoggingConfiguration": string(text),
		"OnExisting":           lifecycle.Refuse,
		"RegisterParameter":    s.parameter(),
	}
	if adopt {
		p["OnExisting"] = lifecycle.Adopt
	}
	if format == 1 { // members of other releases
		p["ServiceTimeout"], p["PreviousConfigurationParameter"], p["Flags"] = "900", "/old", map[string]any{"text": "true"}
	}
	return p
}

// old are the properties before an update, which another release may have
// written in another form.
func (s *stack) old(number int, adopt bool, format int) any {
	switch format {
	case 2:
		return map[string]any{"LoggingConfiguration": map[string]any{"textDataDeliveryEnabled": "true"}, "OnExisting": true}
	case 3:
		return map[string]any{}
	default:
		return s.properties(number, adopt, format)
	}
}

func (m *model) event(s *stack, request string, properties, old any) sent {
	m.number++
	id := fmt.Sprint("request-", m.number)
	body := map[string]any{
		"RequestType": request, "RequestId": id, "StackId": s.id(), "LogicalResourceId": s.logicalID(),
		"ResponseURL":        "https://cloudformation.example/answer?signature=secret",
		"ResourceProperties": properties,
	}
	if request != "Create" {
		body["PhysicalResourceId"] = lifecycle.PhysicalResourceID
	}
	if old != nil {
		body["OldResourceProperties"] = old
	}
	p := properties.(map[string]any)
	e := sent{id: id, request: request, adopt: request != "Delete" && p["OnExisting"] == lifecycle.Adopt, body: body}
	s.events = append(s.events, e)
	return e
}

// start prepares a run of an event with the next faults.
func (m *model) start(s *stack, e sent, quiet bool) *run {
	r := &run{
		region: m.region, name: fmt.Sprintf("%s %s of %s", e.request, e.id, s.id()), stack: s.name,
		adopt: e.adopt, request: e.request, calls: map[string]int{}, before: m.region.live,
	}
	if !quiet && len(m.faults) > 0 {
		r.faults, m.faults = m.faults[0], m.faults[1:]
	}
	if top := m.register(s); top != nil {
		r.overtaken = !top.IsOf(s.owner())
	}
	if len(m.delays) > 0 {
		r.latency, m.delays = m.delays[0], m.delays[1:]
	}
	m.trace = append(m.trace, fmt.Sprintf("%s %v, live: %s", r.name, r.faults, bucket(m.region.live)))
	return r
}

// invoke runs the function for an event, as Lambda does.
func (r *run) invoke(e sent) error {
	payload, err := json.Marshal(e.body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), functionTime)
	defer cancel()
	handler := customresource.NewHandler(lifecycle.PhysicalResourceID, lifecycle.New(r, r).Handle)
	handler.Transport, handler.Log = r, slog.New(slog.NewJSONHandler(io.Discard, nil))
	_, err = handler.Invoke(ctx, payload)
	return err
}

// answer is what CloudFormation was told.
type answer struct{ Status, Reason, PhysicalResourceID string }

// told checks the answers of a run and returns the one.
func (m *model) told(r *run, took time.Duration) (answer, bool) {
	var a answer
	if took > functionTime {
		m.violated("%s: it ran for %s", r.name, took)
	}
	if r.dead || len(r.answers) == 0 {
		if !r.dead && !r.unheard {
			m.violated("%s: there was no answer", r.name)
		}
		return a, false
	}
	for _, text := range r.answers {
		if text != r.answers[0] {
			m.violated("%s: two answers, %s and %s", r.name, r.answers[0], text)
		}
	}
	if len(r.answers[0]) > 4096 {
		m.violated("%s: the answer has %d bytes", r.name, len(r.answers[0]))
	}
	if err := json.Unmarshal([]byte(r.answers[0]), &a); err != nil {
		m.violated("%s: %v", r.name, err)
	}
	if a.PhysicalResourceID != lifecycle.PhysicalResourceID {
		m.violated("%s: the physical id became %q", r.name, a.PhysicalResourceID)
	}
	if a.Status != "SUCCESS" && (a.Status != "FAILED" || a.Reason == "") {
		m.violated("%s: answered %s without a reason", r.name, a.Status)
	}
	return a, r.delivered > 0
}

// deliver sends an event until it is answered: Lambda runs the function again, up
// to two times, where it dies or cannot answer. CloudFormation takes silence for
// a failure.
func (m *model) deliver(s *stack, e sent) bool {
	found, unknown, somebody := m.region.live, m.register(s).Entry(s.owner()) == nil, false
	for attempt := range 3 {
		before, known := m.region.live, m.register(s).Entry(s.owner())
		r := m.start(s, e, attempt == 2)
		began := time.Now()
		err := r.invoke(e)
		a, answered := m.told(r, time.Since(began))
		if answered && err != nil && !strings.Contains(err.Error(), "could not be delivered") {
			m.violated("%s: answered, and yet Lambda was told %v", r.name, err)
		}
		if !answered && !r.dead && err == nil {
			m.violated("%s: not answered, and Lambda was told that all is well, so it does not come again", r.name)
		}
		m.check(s, e, r, a, answered, before, known)
		somebody = somebody || r.somebody
		if entry := m.register(s).Entry(s.owner()); e.request == "Create" && unknown && entry != nil && !somebody && logging.Difference(found, entry.Previous) != "" {
			m.violated("%s: found %s at first and remembers %s", r.name, bucket(found), bucket(entry.Previous))
		}
		if answered {
			return a.Status == "SUCCESS"
		}
		time.Sleep(time.Duration(attempt+1) * time.Minute)
	}
	return false
}

func (m *model) register(s *stack) *register.Register {
	p, ok := m.region.parameters[s.parameter()]
	if !ok {
		return nil
	}
	var r *register.Register
	if err := json.Unmarshal([]byte(p.Value), &r); err != nil {
		m.violated("the register of %s cannot be read: %v", s.name, err)
	}
	return r
}

// check holds a run against what must be true after it.
func (m *model) check(s *stack, e sent, r *run, a answer, answered bool, before *logging.Config, known *register.Register) {
	live := m.region.live
	entry := m.register(s).Entry(s.owner())
	if entry != nil && entry.Request == e.id {
		s.taken = append(s.taken, e.id)
	}
	// A resource that comes back after another one took over finds what that one
	// left; what it had found at first is the other one's then.
	cameBack := e.request == "Create" && r.overtaken
	if known != nil && entry != nil && !cameBack && (logging.Difference(known.Previous, entry.Previous) != "" || known.PreviousUnknown != entry.PreviousUnknown) {
		m.violated("%s: what was live at first was %s in the register and became %s", r.name, bucket(known.Previous), bucket(entry.Previous))
	}
	if e.request == "Delete" && r.overtaken && r.accepted > 0 {
		m.violated("%s: a newer resource has taken over, and the configuration was written", r.name)
	}
	if !answered || r.somebody {
		return
	}
	for _, other := range m.stacks {
		if e.request == "Delete" && other.name != s.name && other.state == "created" && logging.Difference(before, config(other.name, other.config)) == "" && logging.Difference(live, before) != "" {
			m.violated("%s: %s declares %s as well, which became %s", r.name, other.name, bucket(before), bucket(live))
		}
	}
	var wanted *logging.Config
	if text, ok := e.body["ResourceProperties"].(map[string]any)["LoggingConfiguration"].(string); ok {
		parsed, err := logging.Parse(text)
		if err == nil {
			wanted = &parsed
		}
	}
	switch {
	case e.request == "Delete":
		if a.Status == "FAILED" && !r.hurt && logging.Difference(live, before) != "" {
			m.violated("%s: failed, and %s became %s", r.name, bucket(before), bucket(live))
		}
		ours := strings.HasPrefix(bucket(before), s.name)
		if a.Status == "SUCCESS" && known != nil && !known.PreviousUnknown && ours && !r.overtaken && logging.Difference(before, wanted) == "" &&
			m.register(s).Entry(s.owner()) == nil && logging.Difference(live, known.Previous) != "" {
			m.violated("%s: %s was to be restored, live is %s", r.name, bucket(known.Previous), bucket(live))
		}
	case a.Status == "SUCCESS":
		// Where a Get that lags shows what is wanted, nobody can tell.
		if logging.Difference(live, wanted) != "" && !r.misled {
			m.violated("%s: succeeded, and live is %s", r.name, bucket(live))
		}
		if entry == nil || logging.Difference(entry.Declared, wanted) != "" || entry.Request != e.id {
			m.violated("%s: succeeded, and the register does not say so", r.name)
		}
	case e.request == "Update" && before == nil && (live == nil || logging.SameDestinations(live, wanted)):
		// It does not switch off again what somebody else had switched off.
	case !r.hurt && logging.Difference(live, before) != "":
		m.violated("%s: failed (%s), and %s became %s", r.name, a.Reason, bucket(before), bucket(live))
	case r.hurt && logging.Difference(live, before) != "" && logging.Difference(live, wanted) != "" &&
		(live == nil || !logging.SameDestinations(live, wanted) && !logging.SameDestinations(live, before)): // flags may have been altered
		m.violated("%s: failed, and live is neither old nor new but %s", r.name, bucket(live))
	}
}

func (m *model) create(s *stack, op operation) {
	e := m.event(s, "Create", s.properties(op.Config, op.Adopt, op.Format), nil)
	s.config, s.adopt = op.Config, op.Adopt
	if m.deliver(s, e) {
		s.state = "created"
		return
	}
	m.delete(s, op)
}

func (m *model) delete(s *stack, op operation) {
	e := m.event(s, "Delete", s.properties(s.config, s.adopt, op.Format), nil)
	if !m.deliver(s, e) {
		s.state = "delete failed"
		return
	}
	if m.register(s).Contains(s.owner()) {
		m.violated("%s is gone and still in the register", s.owner())
	}
	// The function is gone with its stack, and so are late events.
	*s = stack{name: s.name, generation: s.generation + 1}
}

func (m *model) update(s *stack, op operation, fails bool) {
	e := m.event(s, "Update", s.properties(op.Config, op.Adopt, op.Format), s.old(s.config, s.adopt, op.Format))
	adopt := s.adopt
	if m.deliver(s, e) && !fails {
		s.config, s.adopt, s.state = op.Config, op.Adopt, "created"
		return
	}
	s.target = op.Config
	m.rollBack(s, op.Adopt, adopt)
}

func (m *model) rollBack(s *stack, from, to bool) {
	e := m.event(s, "Update", s.properties(s.config, to, 0), s.properties(s.target, from, 0))
	if m.deliver(s, e) {
		s.state = "created"
	} else {
		s.state = "update failed"
	}
}

// rename gives the resource another name in the template: CloudFormation makes
// the new one, and then deletes the old one, or, where the update fails, the new
// one.
func (m *model) rename(s *stack, op operation, fails bool) {
	s.names++
	renamed := *s
	renamed.logical, renamed.events, renamed.taken = s.names, nil, nil
	renamed.config, renamed.adopt = op.Config, op.Adopt
	succeeded := m.deliver(&renamed, m.event(&renamed, "Create", s.properties(op.Config, op.Adopt, op.Format), nil)) && !fails
	if !succeeded {
		m.deliver(&renamed, m.event(&renamed, "Delete", s.properties(op.Config, op.Adopt, op.Format), nil))
		s.leave(m, &renamed)
		return
	}
	m.deliver(s, m.event(s, "Delete", s.properties(s.config, s.adopt, op.Format), nil))
	renamed.leave(m, s)
	*s = renamed
}

// leave keeps the events of a resource that is gone, for late copies.
func (s *stack) leave(m *model, of *stack) {
	if m.register(s).Entry(of.owner()) == nil && m.register(s) != nil {
		for _, e := range of.events {
			if slices.Contains(of.taken, e.id) {
				s.gone = append(s.gone, gone{e, of.logical})
			}
		}
	}
}

// gone is an event of a resource that is not there any more.
type gone struct {
	sent
	logical int
}

// replay delivers an event of a living stack again.
func (m *model) replay(s *stack, op operation) {
	if n := len(s.gone); n > 0 && op.Adopt {
		e := s.gone[max(0, n-1-op.Replay%4)] // not so late that nobody remembers
		r := m.start(s, e.sent, false)
		r.adopt = true // it must not even try
		_ = r.invoke(e.sent)
		if r.accepted > 0 {
			m.violated("%s again: a late copy for a resource that is gone wrote the configuration", r.name)
		}
		return
	}
	if len(s.events) == 0 {
		return
	}
	e := s.events[op.Replay%len(s.events)]
	late := false
	for i, id := range s.taken {
		late = late || id == e.id && i < len(s.taken)-1 && s.taken[len(s.taken)-1] != e.id
	}
	known := false
	for _, id := range s.taken {
		known = known || id == e.id
	}
	latest := e.id == s.events[len(s.events)-1].id
	if !known && !latest {
		return // it could not be written down, so a late copy cannot be told from a new request
	}
	before, entry := m.region.live, m.register(s).Entry(s.owner())
	r := m.start(s, e, false)
	began := time.Now()
	_ = r.invoke(e)
	a, answered := m.told(r, time.Since(began))
	if late && entry != nil && r.accepted > 0 {
		m.violated("%s again: a late copy wrote the configuration", r.name)
	}
	if !late || entry == nil {
		m.check(s, e, r, a, answered && !late, before, entry)
	}
}

// race runs an event of both stacks at once.
func (m *model) race(op operation) {
	var runs []*run
	var events []sent
	for _, s := range m.stacks {
		if s.state == "" && s.generation%2 == 0 && len(s.events) == 0 {
			s.config, s.adopt = op.Config, op.Adopt
			events = append(events, m.event(s, "Create", s.properties(op.Config, op.Adopt, 0), nil))
		} else if s.state == "created" {
			events = append(events, m.event(s, "Update", s.properties(op.Config, s.adopt, 0), s.properties(s.config, s.adopt, 0)))
			s.target = op.Config
		} else {
			return
		}
	}
	done := make(chan *run)
	for i, s := range m.stacks {
		r := m.start(s, events[i], true)
		r.latency += time.Duration(i+1) * time.Millisecond
		runs = append(runs, r)
		go func() {
			_ = r.invoke(events[i])
			done <- r
		}()
	}
	for range runs {
		<-done
	}
	for i, s := range m.stacks {
		a, answered := m.told(runs[i], 0)
		if !answered {
			m.violated("%s: no answer in a race", runs[i].name)
		}
		entry := m.register(s).Entry(s.owner())
		if entry != nil && entry.Request == events[i].id {
			s.taken = append(s.taken, events[i].id)
		}
		succeeded := a.Status == "SUCCESS"
		switch events[i].request {
		case "Create":
			if succeeded {
				s.state = "created"
			} else {
				s.state = "delete failed"
			}
		case "Update":
			if succeeded {
				s.config = s.target
			} else {
				s.state = "update failed"
			}
		}
	}
	if runs[0].delivered > 0 && runs[1].delivered > 0 {
		one, two := m.status(runs[0]), m.status(runs[1])
		if one == "SUCCESS" && two == "SUCCESS" && op.Config != shared && !op.Adopt && !m.stacks[0].adopt && !m.stacks[1].adopt {
			m.violated("both of %s and %s say that their configuration is live", runs[0].name, runs[1].name)
		}
		if one == "FAILED" && two == "FAILED" && m.region.live == nil {
			m.violated("both of %s and %s failed, and logging is off", runs[0].name, runs[1].name)
		}
	}
}

func (m *model) status(r *run) string {
	var a answer
	_ = json.Unmarshal([]byte(r.answers[0]), &a)
	return a.Status
}

func (m *model) do(op operation) {
	s := m.stacks[op.Stack]
	m.faults, m.delays = op.Faults, op.Delays
	switch {
	case op.Kind == "somebody puts":
		m.region.live = config("foreign", op.Config)
	case op.Kind == "somebody deletes":
		m.region.live = nil
	case op.Kind == "a parameter is deleted":
		// What the register knew of requests is lost with it.
		delete(m.region.parameters, s.parameter())
		s.taken, s.events, s.gone = nil, nil, nil
	case op.Kind == "race":
		m.race(op)
	case op.Kind == "replay":
		m.replay(s, op)
	case op.Kind == "create" && s.state == "":
		m.create(s, op)
	case s.state == "update failed" && op.Kind == "update":
		m.rollBack(s, op.Adopt, s.adopt)
	case s.state == "created" && op.Kind == "come back":
		// It left the template under RETAIN, of which nobody is told, and was
		// added again.
		m.create(s, op)
	case s.state == "created" && op.Kind == "rename":
		m.rename(s, op, op.Replay%2 == 1)
	case s.state == "created" && op.Kind == "retain":
		*s = stack{name: s.name, generation: s.generation + 1}
	case s.state == "created" && op.Kind == "update":
		m.update(s, op, false)
	case s.state == "created" && op.Kind == "update and roll back":
		m.update(s, op, true)
	case s.state != "" && op.Kind == "delete":
		m.delete(s, op)
	}
}

// play runs a sequence and returns what it broke.
func play(t *testing.T, sequence []operation) (broken []string) {
	synctest.Test(t, func(t *testing.T) {
		m := &model{t: t, region: newRegion(), stacks: [2]*stack{{name: "a"}, {name: "b"}}}
		for _, op := range sequence {
			m.do(op)
			if len(m.region.broken) > 0 {
				break
			}
			// Leases of the dead end.
			time.Sleep(functionTime + time.Minute)
		}
		broken = m.region.broken
		if len(broken) > 0 {
			broken = append(broken, m.trace...)
		}
	})
	return broken
}

func faults() *rapid.Generator[[]fault] {
	one := rapid.Custom(func(t *rapid.T) fault {
		return fault{
			Op:   rapid.SampledFrom([]string{"Get", "Put", "Delete", "Read", "Write", "Remove", "Answer"}).Draw(t, "op"),
			From: rapid.IntRange(0, 5).Draw(t, "from"),
			N:    rapid.SampledFrom([]int{1, 1, 2, 3, 1000}).Draw(t, "n"),
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
		}
	})
	return rapid.SliceOfN(one, 0, 3)
}

func sequences() *rapid.Generator[[]operation] {
	one := rapid.Custom(func(t *rapid.T) operation {
		return operation{
			Kind:   rapid.SampledFrom(operations).Draw(t, "kind"),
			Stack:  rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "stack"),
			Config: rapid.IntRange(0, shared).Draw(t, "config"),
			Adopt:  rapid.Bool().Draw(t, "adopt"),
			Format: rapid.IntRange(0, 3).Draw(t, "format"),
			Replay: rapid.IntRange(0, 7).Draw(t, "replay"),
			Faults: rapid.SliceOfN(faults(), 0, 3).Draw(t, "faults"),
			Delays: rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 2000), func(n int) time.Duration { return time.Duration(n) * time.Millisecond }), 0, 2).Draw(t, "delays"),
		}
	})
	return rapid.SliceOfN(one, 1, 8)
}

var sequencesToTry = flag.Int("sequences", 5000, "how many sequences of events the model tries")

// No order of events, faults and neighbours makes the function switch logging
// off, write over what it does not own, hang, or claim what AWS does not show.
func TestNoSequenceBreaksTheRules(t *testing.T) {
	for name, value := range map[string]string{"rapid.checks": fmt.Sprint(*sequencesToTry), "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	generator := sequences()
	rapid.Check(t, func(rt *rapid.T) {
		sequence := generator.Draw(rt, "sequence")
		if broken := play(t, sequence); len(broken) > 0 {
			rt.Fatalf("%s\n\nadd it to the sequences that were found:\n%#v", strings.Join(broken, "\n"), sequence)
		}
	})
}
