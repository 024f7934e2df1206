package record

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rateColumns are the columns of a rate card's file, in their order.
var rateColumns = []string{
	"alias", "model", "scope", "above", "since", "input", "output", "cache_read", "cache_write", "source", "retrieved",
}

var scopePattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$|^$`)

// ReadRates reads a rate card from a CSV file, for use with [RateCard.With]. The first line names the
// columns:
//
//	alias,model,scope,above,since,input,output,cache_read,cache_write,source,retrieved
//
// A row without an alias is a [Rate]. The model is any form of model id that [NormaliseModel] takes
// apart, shortened to hold for several versions: anthropic.claude-sonnet-4-5, or
// anthropic.claude-sonnet-4-5-20250929. Prices are in US dollars per million tokens with at most six
// decimals; input and output must be there, output as 0 where a model has none. Days are
// YYYY-MM-DD. A rate that holds above some length of the prompt needs no counterpart for shorter ones.
//
// A row with an alias says which model stands behind an id that does not tell: the ARN of an
// application inference profile, of provisioned throughput or of a custom model. Its model may have the
// prefix of a cross-Region profile (us.anthropic.claude-sonnet-4-5-20250929-v1:0); its other columns
// but source and retrieved are empty.
//
// Lines that begin with # are passed over. The error holds all that is wrong, by line.
func ReadRates(r io.Reader) (*RateCard, error) {
	file := csv.NewReader(r)
	file.Comment = '#'
	file.FieldsPerRecord = -1
	header, err := file.Read()
	if err != nil {
		return nil, fmt.Errorf("rate card: want a first line with the names of the columns: %w; begin the file with %q", err, strings.Join(rateColumns, ","))
	}
	if !slices.Equal(header, rateColumns) {
		return nil, fmt.Errorf("rate card: line 1: want the columns %q, got %q; name them so, in this order", strings.Join(rateColumns, ","), strings.Join(header, ","))
	}
	card := &RateCard{rates: map[string][]Rate{}, aliases: map[string]Model{}}
	var problems []error
	seen := map[string]int{}
	for {
		fields, err := file.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			// Past a broken quotation nothing can be told apart.
			problems = append(problems, fmt.Errorf("rate card: %w; mend the line", err))
			break
		}
		line, _ := file.FieldPos(0)
		if len(fields) != len(rateColumns) {
			problems = append(problems, fmt.Errorf("rate card: line %d: want %d columns, got %d; leave a column empty rather than out", line, len(rateColumns), len(fields)))
			continue
		}
		row := rateRow{fields: fields}
		key := card.add(&row)
		if first, found := seen[key]; found && row.problems == nil {
			row.fail("model", fmt.Sprintf("a row of its own, got the same as line %d; remove one of them", first))
		}
		for _, problem := range row.problems {
			problems = append(problems, fmt.Errorf("rate card: line %d: %w", line, problem))
		}
		seen[key] = line
	}
	for _, rates := range card.rates {
		slices.SortStableFunc(rates, func(a, b Rate) int {
			return cmp.Or(
				cmp.Compare(b.Version, a.Version), // of those that fit a call the longest one comes first
				cmp.Compare(narrowness(b.Scope), narrowness(a.Scope)),
				cmp.Compare(b.Scope, a.Scope),
				b.Since.Compare(a.Since),
				cmp.Compare(b.Above, a.Above),
			)
		})
	}
	if problems != nil {
		return nil, errors.Join(problems...)
	}
	return card, nil
}

func narrowness(scope string) int {
	switch scope {
	case ScopeAny:
		return 0
	case ScopeRegional:
		return 1
	}
	return 2
}

// add puts a row into the card and returns what must be there once only.
func (c *RateCard) add(row *rateRow) string {
	model := NormaliseModel(row.text("model"))
	if model.Vendor == "" || model.Name == "" {
		row.fail("model", "the id of a foundation model such as anthropic.claude-sonnet-4-5")
	}
	row.date("retrieved")
	if alias := row.text("alias"); alias != "" {
		for _, column := range []string{"scope", "above", "since", "input", "output", "cache_read", "cache_write"} {
			if row.text(column) != "" {
				row.fail(column, "nothing in the row of an alias, since the price is that of its model")
			}
		}
		c.aliases[alias] = model
		return alias
	}
	rate := Rate{
		Vendor: model.Vendor, Model: model.Name, Version: model.Version,
		Scope: row.text("scope"), Above: row.count("above"), Since: row.date("since"),
		Input: row.price("input"), Output: row.price("output"),
		Source: row.text("source"), Retrieved: row.date("retrieved"),
	}
	if model.Scope != "" {
		row.fail("model", "an id without the prefix of a profile; put that into column scope")
	}
	if !scopePattern.MatchString(rate.Scope) {
		row.fail("scope", `nothing, "regional", "in-region", "global" or the prefix of a profile such as "us"`)
	}
	if rate.Source == "" {
		row.fail("source", "where the price is from")
	}
	rate.CacheRead, rate.CacheWrite = rate.Input, rate.Input
	if row.text("cache_read") != "" {
		rate.CacheRead = row.price("cache_read")
	}
	if row.text("cache_write") != "" {
		rate.CacheWrite = row.price("cache_write")
	}
	of := rate.Vendor + "." + rate.Model
	c.rates[of] = append(c.rates[of], rate)
	return fmt.Sprint(of, "\x00", rate.Version, "\x00", rate.Scope, "\x00", rate.Since, "\x00", rate.Above)
}

// rateRow is one line of the file and what is wrong with it.
type rateRow struct {
	fields   []string
	problems []error
}

func (r *rateRow) text(column string) string {
	return strings.TrimSpace(r.fields[slices.Index(rateColumns, column)])
}

func (r *rateRow) fail(column, want string) {
	problem := fmt.Errorf("column %s: want %s, got %q", column, want, r.text(column))
	if !slices.ContainsFunc(r.problems, func(p error) bool { return p.Error() == problem.Error() }) {
		r.problems = append(r.problems, problem)
	}
}

func (r *rateRow) date(column string) time.Time {
	text := r.text(column)
	if text == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		r.fail(column, "a day such as 2026-01-31, or nothing")
	}
	return day
}

func (r *rateRow) count(column string) int64 {
	text := r.text(column)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		r.fail(column, "a number of tokens such as 200000, or nothing")
	}
	return n
}

// pricePattern keeps a price exact, and so low that four times MaxTokens of it fit 63 bits.
var pricePattern = regexp.MustCompile(`^\d{1,4}(\.\d{1,6})?$`)

func (r *rateRow) price(column string) int64 {
	text := r.text(column)
	if !pricePattern.MatchString(text) {
		r.fail(column, "US dollars per million tokens such as 0.25, below 10000, with at most six decimals")
		return 0
	}
	dollars, decimals, _ := strings.Cut(text, ".")
	picodollars, err := strconv.ParseInt(dollars+(decimals + "000000")[:6], 10, 64)
	if err != nil {
		r.fail(column, err.Error())
	}
	return picodollars
}
