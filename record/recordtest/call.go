package recordtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

type operation int

const (
	converse operation = iota
	converseStream
	invokeModel
	invokeModelStream
)

func (o operation) name() string {
	return [...]string{"Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream"}[o]
}

func (o operation) converses() bool { return o == converse || o == converseStream }

// call is all that is decided about a call before its record is written.
type call struct {
	number          int
	id              string
	at              time.Time
	account, region string
	caller          *caller

	operation  operation
	model      *model
	form       form
	modelID    string
	foundation string
	servedIn   string

	user, task, kb, business string
	otherKey                 bool // in the metadata

	errorCode  string
	bare       bool // the error record has no body at all
	intervened bool
	done       bool // the stream ends in "[DONE]"
	system     bool
	tools      bool
	media      bool
	context    bool // passages from a knowledge base
	large      bool // the input goes to a side file
	largeOut   bool // the output does
	unknown    bool // fields that nobody knows yet

	prompt, completion                   int // length of the texts
	input, output, cacheRead, cacheWrite int64
	counted                              bool // the record has token counts
	latency                              int
}

// draw decides what a call is like. The first calls of all show one of every
// kind each, so that small sets have them all.
func (w *writer) draw(b *batch, i int) *call {
	r := w.random
	c := &w.call
	*c = call{
		number: b.first + i, account: b.account, region: b.region,
		at: b.from.Add(b.span * time.Duration(i) / time.Duration(b.records)).Truncate(time.Second),
	}
	c.id = w.uuid()
	callers := w.cast.callers[c.account]
	c.caller = &callers[skewed(r, len(callers))]
	c.operation = [...]operation{0, 0, 0, 0, 1, 1, 1, 2, 2, 3}[r.IntN(10)]
	c.model = pickModel(r)
	c.form = pickForm(r, c.model)
	w.attribute(c)
	if r.IntN(100) < 3 {
		c.errorCode = errorCodes[skewed(r, len(errorCodes))]
		c.bare = r.IntN(2) == 0
	}
	c.intervened = r.IntN(100) < 2
	c.system = r.IntN(10) < 4
	c.tools = r.IntN(10) < 1
	c.media = r.IntN(200) < 1
	c.context = c.kb != ""
	c.large = r.IntN(1000) < 1
	c.largeOut = r.IntN(4000) < 1
	c.done = r.IntN(4) > 0
	c.unknown = r.IntN(100) < 2
	if shows := showcase(c.number); shows != nil {
		shows(c, w)
	}
	w.settle(c)
	return c
}

var errorCodes = []string{
	"ThrottlingException", "ValidationException", "AccessDeniedException", "ModelTimeoutException",
	"ResourceNotFoundException", "ServiceUnavailableException", "InternalServerException",
	"ModelErrorException", "ModelNotReadyException", "ServiceQuotaExceededException",
}

// attribute draws the request metadata: all of it, a part, or none.
func (w *writer) attribute(c *call) {
	r := w.random
	switch kind := r.IntN(20); {
	case kind < 14:
		w.attributeAll(c)
	case kind < 16:
		c.user = w.user()
	case kind < 17:
		c.task = tasks[r.IntN(len(tasks))]
	}
}

func (w *writer) attributeAll(c *call) {
	r := w.random
	c.user, c.task = w.user(), tasks[skewed(r, len(tasks))]
	c.business = fmt.Sprintf("case-%07d", c.number)
	c.otherKey = r.IntN(4) == 0
	if r.IntN(3) == 0 {
		c.kb = kbs[skewed(r, len(kbs))]
	}
}

func (w *writer) user() string { return w.cast.users[skewed(w.random, len(w.cast.users))] }

// settle makes the parts of a call agree with each other, and draws what follows
// from them.
func (w *writer) settle(c *call) {
	r := w.random
	if c.model.family.embeds() {
		c.operation, c.intervened, c.largeOut = invokeModel, false, false
	}
	if !c.form.fits(c.model) {
		c.form = plainID
	}
	if c.errorCode != "" {
		c.intervened, c.large, c.largeOut, c.media = false, false, false, false
	}
	var served []string
	c.modelID, c.foundation, served = c.form.name(c.model, c.account, c.region, r)
	if len(served) > 0 && r.IntN(10) > 0 {
		c.servedIn = served[r.IntN(len(served))]
	}
	c.done = c.done && c.operation == invokeModelStream && c.model.family == openAI && c.errorCode == "" &&
		!c.largeOut && !w.traffic.MetadataOnly
	c.tools = c.tools && !c.largeOut
	c.media = c.media && c.operation.converses() && !c.large && !w.traffic.MetadataOnly

	c.prompt = logNormal(r, 2000, 1)
	c.completion = logNormal(r, 700, 0.9)
	if c.large {
		c.prompt = 105_000 + r.IntN(200_000)
	}
	if c.largeOut {
		c.completion = 105_000 + r.IntN(50_000)
	}
	if c.intervened {
		c.completion = len(blocked)
	}
	input := c.prompt
	if c.system {
		input += 1300
	}
	if c.context {
		input += 4500
	}
	c.counted = c.errorCode == ""
	if c.errorCode != "" {
		return
	}
	c.input = int64(input/4 + 3 + r.IntN(8))
	c.output = int64(c.completion/4 + 1)
	if c.model.family.embeds() {
		c.output = 0
	}
	if c.model.family.caches() && c.system && r.IntN(2) == 0 {
		if cached := int64(1024 + r.IntN(8192)); r.IntN(4) == 0 {
			c.cacheWrite = cached
		} else {
			c.cacheRead = cached
		}
	}
	c.latency = 180 + int(c.output)*7 + r.IntN(400)
}

func logNormal(r *rand.Rand, median, sigma float64) int {
	return int(min(median*math.Exp(sigma*r.NormFloat64()), 60_000))
}

var modelWeights = func() int {
	sum := 0
	for _, m := range models {
		sum += m.weight
	}
	return sum
}()

func pickModel(r *rand.Rand) *model {
	at := r.IntN(modelWeights)
	for i := range models {
		if at -= models[i].weight; at < 0 {
			return &models[i]
		}
	}
	panic("recordtest: the weights do not add up")
}

// pickForm names models by their id or profile mostly.
func pickForm(r *rand.Rand, m *model) form {
	switch at := r.IntN(100); {
	case at < 50 && len(m.profiles) > 0:
		return geoProfile
	case at < 60 && len(m.profiles) > 1:
		return globalProfile
	case at < 88:
		return plainID
	case at < 95:
		return applicationProfile
	default:
		return form(r.IntN(int(forms)))
	}
}

// showcase returns what is special about one of the first calls.
func showcase(number int) func(*call, *writer) {
	plain := func(c *call) {
		c.errorCode, c.intervened, c.large, c.largeOut = "", false, false, false
	}
	take := func(n int) bool { // one of the next n
		number -= n
		return number < 0
	}
	if number >= 200 {
		return nil
	}
	if take(2 * len(models)) { // every body of InvokeModel, whole and streamed
		m := &models[(number+2*len(models))/2]
		stream := number%2 != 0
		return func(c *call, _ *writer) {
			plain(c)
			c.model, c.form, c.operation, c.errorCode = m, plainID, invokeModel, ""
			if stream {
				c.operation = invokeModelStream
			}
		}
	}
	if take(int(forms)) { // every form of a model id
		f := form(number + int(forms))
		return func(c *call, _ *writer) {
			plain(c)
			for i := range models {
				if c.form = f; f.fits(&models[i]) {
					c.model = &models[i]
					return
				}
			}
		}
	}
	if take(2 * len(errorCodes)) {
		at := number + 2*len(errorCodes)
		return func(c *call, _ *writer) {
			plain(c)
			c.errorCode, c.bare = errorCodes[at/2], at%2 == 0
		}
	}
	if take(4) { // a guardrail, in each operation
		operation := operation(number + 4)
		return func(c *call, _ *writer) {
			plain(c)
			c.model, c.operation, c.intervened = &models[0], operation, true
		}
	}
	kinds := []func(*call, *writer){
		func(c *call, _ *writer) { c.operation, c.model, c.tools = converse, &models[0], true },
		func(c *call, _ *writer) { c.operation, c.model, c.tools = invokeModelStream, &models[0], true },
		func(c *call, _ *writer) { c.operation, c.model, c.tools = invokeModel, &models[0], true },
		func(c *call, _ *writer) { c.operation, c.model, c.media = converse, &models[5], true },
		func(c *call, _ *writer) { c.operation, c.model, c.large = converse, &models[0], true },
		func(c *call, _ *writer) { c.operation, c.model, c.large = invokeModel, &models[1], true },
		func(c *call, _ *writer) { c.operation, c.model, c.largeOut = converseStream, &models[0], true },
		func(c *call, w *writer) { w.attributeAll(c) },
		func(c *call, _ *writer) { c.user, c.task, c.kb, c.business, c.otherKey = "", "", "", "", false },
		func(c *call, w *writer) { c.user, c.task, c.kb, c.business, c.otherKey = w.user(), "", "", "", false },
		func(c *call, _ *writer) { c.unknown = true },
		func(c *call, _ *writer) { c.operation, c.model, c.done = invokeModelStream, &models[16], false },
		func(c *call, w *writer) {
			callers := w.cast.callers[c.account]
			c.caller = &callers[len(callers)-1]
		},
		func(c *call, w *writer) {
			callers := w.cast.callers[c.account]
			c.caller = &callers[len(callers)-2]
		},
	}
	if take(len(kinds)) {
		kind := kinds[number+len(kinds)]
		return func(c *call, w *writer) {
			plain(c)
			kind(c, w)
		}
	}
	return nil
}
