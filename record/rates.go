package record

import (
	_ "embed"
	"errors"
	"io"
	"sync"
	"time"
)

//go:embed rates.csv
var embeddedRates string

// Tokens counts what a call used. Input holds the tokens that were read neither
// from a cache nor into one; the whole prompt is Input + CacheRead + CacheWrite.
type Tokens struct {
	Input, Output, CacheRead, CacheWrite int64
}

// Rate is what a model charged per token from a day on, as a public price list
// says it. Prices are in picodollars (10^-12 US dollars) per token, which is the
// price per million tokens in millionths of a dollar.
type Rate struct {
	// Vendor, Model and Version are those of [Model].
	Vendor, Model, Version string
	// Scope is "global", "regional" (in-Region and geographic profiles) or empty
	// for a price that holds in every scope.
	Scope string
	// Above is the length of the prompt, in tokens, above which the rate holds
	// for all tokens of a call. Default: 0, any prompt.
	Above int64
	// Since is the first day, UTC. Default: the zero time, from the beginning.
	Since time.Time
	// Input, Output, CacheRead and CacheWrite are picodollars per token.
	Input, Output, CacheRead, CacheWrite int64
	// Source names where the price is from, and Retrieved says when it was read.
	Source    string
	Retrieved time.Time
}

// Price is the estimated cost of one call.
type Price struct {
	// NanoUSD is the estimate in billionths of a US dollar.
	NanoUSD int64
	// Rate is what the estimate was made with.
	Rate Rate
}

// RateCard is an immutable set of rates and aliases.
type RateCard struct {
	rates   []Rate
	aliases map[string]string
}

var rates = sync.OnceValue(func() *RateCard { return &RateCard{} })

// Rates returns the rate card that comes with the package.
func Rates() *RateCard { return rates() }

// ReadRates reads a rate card.
func ReadRates(r io.Reader) (*RateCard, error) { return nil, errors.New("not yet") }

// With returns the card with the rates and aliases of over in place of its own
// of the same key.
func (c *RateCard) With(over *RateCard) *RateCard { return c }

// Model normalises a model id as [NormaliseModel] does, and follows the card's
// aliases from a profile to the model behind it.
func (c *RateCard) Model(id string) Model { return NormaliseModel(id) }

// Price estimates what a call cost; it is false for a model without a rate.
func (c *RateCard) Price(m Model, at time.Time, t Tokens) (Price, bool) { return Price{}, false }
