package record

import (
	_ "embed"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// The prices are public ones, as the project genai-prices (MIT licence) collects them;
// generate/rates.py writes the file.
//
//go:embed rates.csv
var embeddedRates string

// MaxTokens is the highest count of tokens of one kind that a call is priced with. No model comes
// near it; a higher one is a fault, and must not become a sum that overflows.
const MaxTokens = 100_000_000

// Tokens counts what a call used.
type Tokens struct {
	// Input is the number of tokens of the prompt that no cache had a part in: the whole prompt is
	// Input + CacheRead + CacheWrite. Default: zero.
	Input int64
	// Output is the number of tokens of the answer. Default: zero.
	Output int64
	// CacheRead is the number of tokens read from a prompt cache. Default: zero.
	CacheRead int64
	// CacheWrite is the number of tokens written to a prompt cache. Default: zero.
	CacheWrite int64
}

// The scopes of a rate. Beside these it may be the prefix of one kind of profile, such as "us".
const (
	// ScopeAny is for a price that is the same everywhere.
	ScopeAny = ""
	// ScopeRegional is for calls within a Region or a geography: all but the global profiles.
	ScopeRegional = "regional"
	// ScopeInRegion is for calls without a cross-Region profile.
	ScopeInRegion = "in-region"
	// ScopeGlobal is for calls through a global profile.
	ScopeGlobal = "global"
)

// Rate is what a model costs from a day on, on demand, as a public price list says it.
//
// Prices are in picodollars (10⁻¹² US dollars) per token, which is the usual price per million
// tokens counted in millionths of a dollar, so that sums are exact.
type Rate struct {
	// Vendor is [Model.Vendor]. Default: none, always set.
	Vendor string
	// Model is [Model.Name]. Default: none, always set.
	Model string
	// Version is the beginning of [Model.Version] up to a hyphen, a colon or its end: "20250929" stands for
	// "20250929-v1:0". Default: empty, every version.
	Version string
	// Scope is where a call may be served: [ScopeRegional], [ScopeInRegion], [ScopeGlobal] or the
	// prefix of one kind of profile. Default: [ScopeAny].
	Scope string
	// Above is the length of the whole prompt in tokens above which the rate holds, for all tokens of
	// the call: some models charge more for long prompts. Default: 0, any length.
	Above int64
	// Since is the first day of the rate, UTC. Default: the zero time, from the beginning, as where
	// the source knows one price only.
	Since time.Time
	// Input is the price of a token of [Tokens.Input]. Default: none, always set.
	Input int64
	// Output is the price of a token of [Tokens.Output]. Default: none, always set.
	Output int64
	// CacheRead is the price of a token of [Tokens.CacheRead]. Default: that of Input.
	CacheRead int64
	// CacheWrite is the price of a token of [Tokens.CacheWrite]; of a cache that is kept for an hour it
	// would be higher, but a record does not tell one from the other. Default: that of Input.
	CacheWrite int64
	// Source names where the price is from. Default: none, always set.
	Source string
	// Retrieved is the day on which the source was read, UTC. Default: the zero time, not known.
	Retrieved time.Time
}

// Price is an estimate of what a call cost. The bill may differ: it knows discounts, other service
// tiers, batches, sounds and images.
type Price struct {
	// NanoUSD is the estimate in billionths (10⁻⁹) of a US dollar.
	NanoUSD int64
	// Rate is what the estimate was made with.
	Rate Rate
}

// RateCard is a set of rates, and of aliases for models whose name is not in their id. It does not
// change once it is made and may be used by several goroutines.
type RateCard struct {
	// rates holds the rates of a model by vendor.name, in the order in which they are tried.
	rates   map[string][]Rate
	aliases map[string]Model
}

var embedded = sync.OnceValue(func() *RateCard {
	card, err := ReadRates(strings.NewReader(embeddedRates))
	if err != nil {
		panic("paper-trail/record: the rate card that comes with the package is broken: " + err.Error())
	}
	return card
})

// Rates returns the rate card that comes with the package. Each row says where its price is from
// and when it was read.
func Rates() *RateCard { return embedded() }

// With returns a card that asks over first. Where over has no rate for a call, because it does not
// have the model, the scope or the day, the rates of c hold. An alias of over takes the place of the
// same alias of c.
func (c *RateCard) With(over *RateCard) *RateCard {
	both := &RateCard{rates: maps.Clone(c.rates), aliases: maps.Clone(c.aliases)}
	for model, rates := range over.rates {
		both.rates[model] = slices.Concat(rates, c.rates[model])
	}
	maps.Copy(both.aliases, over.aliases)
	return both
}

// WithAliases returns a card that knows which models stand behind further ids, such as the ARNs of
// application inference profiles. The models are ids of any form that [NormaliseModel] takes.
func (c *RateCard) WithAliases(models map[string]string) *RateCard {
	more := &RateCard{rates: c.rates, aliases: maps.Clone(c.aliases)}
	for id, model := range models {
		more.aliases[id] = NormaliseModel(model)
	}
	return more
}

// Model normalises what a caller passed as model id, as [NormaliseModel] does, and follows the
// card's aliases: of an aliased id the result is the model behind it, with the id as its Profile.
func (c *RateCard) Model(id string) Model {
	if model, found := c.aliases[id]; found {
		model.Profile = id
		return model
	}
	return NormaliseModel(id)
}

// Price estimates what a call of a model at a time cost. It is false when the card has no rate for
// the call, or a count is over [MaxTokens]: the price then is not known, which is not the same as
// free of charge.
//
// Of several rates the one of an override counts first (see [RateCard.With]), then the one with the
// longest Version, then that with the narrowest Scope, then the latest Since, then the highest Above.
func (c *RateCard) Price(m Model, at time.Time, t Tokens) (Price, bool) {
	if max(t.Input, t.Output, t.CacheRead, t.CacheWrite) > MaxTokens {
		return Price{}, false
	}
	for _, rate := range c.rates[m.Vendor+"."+m.Name] {
		if rate.holds(m, at, t) {
			picodollars := t.Input*rate.Input + t.Output*rate.Output + t.CacheRead*rate.CacheRead + t.CacheWrite*rate.CacheWrite
			return Price{NanoUSD: int64(math.Round(float64(picodollars) / 1e3)), Rate: rate}, true
		}
	}
	return Price{}, false
}

// Rates lists all rates by vendor and model; those of one model are in the order in which
// [RateCard.Price] tries them, the first that holds being the one that counts.
func (c *RateCard) Rates() []Rate {
	var all []Rate
	for _, model := range slices.Sorted(maps.Keys(c.rates)) {
		all = append(all, c.rates[model]...)
	}
	return all
}

// Aliases returns the models behind aliased ids.
func (c *RateCard) Aliases() map[string]Model { return maps.Clone(c.aliases) }

func (r *Rate) holds(m Model, at time.Time, t Tokens) bool {
	return r.holdsFor(m) && !at.Before(r.Since) && (r.Above == 0 || t.Input+t.CacheRead+t.CacheWrite > r.Above)
}

func (r *Rate) holdsFor(m Model) bool {
	switch r.Scope {
	case ScopeAny:
	case ScopeRegional:
		if m.Scope == ScopeGlobal {
			return false
		}
	case ScopeInRegion:
		if m.Scope != "" {
			return false
		}
	default:
		if m.Scope != r.Scope {
			return false
		}
	}
	rest, found := strings.CutPrefix(m.Version, r.Version)
	return found && (r.Version == "" || rest == "" || rest[0] == '-' || rest[0] == ':')
}
