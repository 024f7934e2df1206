package record_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record"
)

const rateHeader = "alias,model,scope,above,since,input,output,cache_read,cache_write,source,retrieved\n"

func readRates(t *testing.T, rows ...string) *record.RateCard {
	t.Helper()
	card, err := record.ReadRates(strings.NewReader(rateHeader + strings.Join(rows, "\n")))
	require.NoError(t, err)
	return card
}

func day(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return at
}

var someDay = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func TestTheEmbeddedCardPricesWhatIsOnThePriceList(t *testing.T) {
	t.Parallel()
	million := record.Tokens{Input: 1_000_000, Output: 1_000_000, CacheRead: 1_000_000, CacheWrite: 1_000_000}
	for id, dollars := range map[string]float64{
		"anthropic.claude-3-haiku-20240307-v1:0":                       0.25 + 1.25 + 0.25 + 0.25, // no prices of a cache: as input
		"anthropic.claude-sonnet-4-5-20250929-v1:0":                    3.3 + 16.5 + 0.33 + 4.125,
		"eu.anthropic.claude-sonnet-4-5-20250929-v1:0":                 3.3 + 16.5 + 0.33 + 4.125,
		"global.anthropic.claude-sonnet-4-5-20250929-v1:0":             3 + 15 + 0.3 + 3.75,
		"us.amazon.nova-lite-v1:0":                                     0.06 + 0.24 + 0.015 + 0.06,
		"meta.llama3-1-8b-instruct-v1:0":                               4*0.22 - 0, // one price for all
		"openai.gpt-oss-120b-1:0":                                      0.15 + 0.6 + 0.15 + 0.15,
		"mistral.mistral-7b-instruct-v0:2":                             0.15 + 0.2 + 0.15 + 0.15,
		"us.anthropic.claude-opus-4-6-v1":                              5.5 + 27.5 + 0.55 + 6.875,
		"arn:aws:bedrock:us-east-1::foundation-model/deepseek.r1-v1:0": 1.35 + 5.4 + 1.35 + 1.35,
	} {
		price, known := record.Rates().Price(record.NormaliseModel(id), someDay, million)
		if assert.True(t, known, id) {
			assert.InDelta(t, dollars, float64(price.NanoUSD)/1e9, 1e-9, id)
			assert.NotEmpty(t, price.Rate.Source, id)
			assert.False(t, price.Rate.Retrieved.IsZero(), id)
		}
	}
}

func TestVersionsOfOneNameMayDifferInPrice(t *testing.T) {
	t.Parallel()
	tokens := record.Tokens{Input: 1_000_000}
	for id, nano := range map[string]int64{
		"amazon.titan-embed-text-v1":      100_000_000,
		"amazon.titan-embed-text-v2:0":    20_000_000,
		"amazon.titan-embed-text-v2:0:8k": 20_000_000,
	} {
		price, known := record.Rates().Price(record.NormaliseModel(id), someDay, tokens)
		assert.True(t, known, id)
		assert.Equal(t, nano, price.NanoUSD, id)
	}
}

func TestAnUnknownModelIsUnpricedAndNotFree(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"", "acme.oracle-v1:0", "claude-sonnet-4-5", "anthropic.claude-sonnet-4-5x",
		"anthropic.claude-sonnet-4-5-20990101-v1:0",      // of a version that no price is known for
		"global.anthropic.claude-opus-4-1-20250805-v1:0", // of a scope that no price is known for
		"arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc",
	} {
		price, known := record.Rates().Price(record.NormaliseModel(id), someDay, record.Tokens{Input: 10})
		assert.False(t, known, id)
		assert.Zero(t, price, id)
	}
}

func TestTheRateOfTheDayHolds(t *testing.T) {
	t.Parallel()
	card := readRates(t,
		",acme.oracle,,,2026-01-01,1,2,,,list,",
		",acme.oracle,,,2026-07-01,3,4,,,list,",
	)
	oracle := record.NormaliseModel("acme.oracle-v1:0")
	tokens := record.Tokens{Input: 1_000_000}
	for moment, dollars := range map[time.Time]int64{
		day(t, "2026-01-01"):                       1,
		day(t, "2026-07-01").Add(-time.Nanosecond): 1,
		day(t, "2026-07-01"):                       3,
		day(t, "2036-07-01"):                       3,
	} {
		price, known := card.Price(oracle, moment, tokens)
		assert.True(t, known, moment)
		assert.Equal(t, dollars*1e9, price.NanoUSD, moment)
	}
	_, known := card.Price(oracle, day(t, "2026-01-01").Add(-time.Nanosecond), tokens)
	assert.False(t, known, "before its first day a price is not known")
}

func TestALongPromptIsPricedByItsWholeLength(t *testing.T) {
	t.Parallel()
	card := readRates(t,
		",acme.oracle,,,,1,10,0.1,2,list,",
		",acme.oracle,,100,,2,20,0.2,4,list,",
	)
	oracle := record.NormaliseModel("acme.oracle")
	for tokens, nano := range map[record.Tokens]int64{
		{Input: 100, Output: 1}:                    110_000,
		{Input: 99, CacheRead: 1}:                  99_100,
		{Input: 101}:                               202_000,
		{Input: 50, CacheRead: 30, CacheWrite: 21}: 100_000 + 6_000 + 84_000,
		{Input: 1, Output: 5000}:                   50_001_000,
	} {
		price, known := card.Price(oracle, someDay, tokens)
		assert.True(t, known)
		assert.Equal(t, nano, price.NanoUSD, tokens)
	}
}

func TestTheNarrowestRateHolds(t *testing.T) {
	t.Parallel()
	card := readRates(t,
		",acme.oracle,,,,1,1,,,list,",
		",acme.oracle,regional,,,2,1,,,list,",
		",acme.oracle,global,,,3,1,,,list,",
		",acme.oracle,in-region,,,4,1,,,list,",
		",acme.oracle,us,,,5,1,,,list,",
		",acme.oracle-20260101,,,,6,1,,,list,",
		",acme.oracle-v2,,,,7,1,,,list,",
	)
	for id, dollars := range map[string]int64{
		"acme.oracle":                  4,
		"us.acme.oracle-v1:0":          5,
		"eu.acme.oracle-v1:0":          2,
		"global.acme.oracle-v1:0":      3,
		"acme.oracle-20260101-v1:0":    6,
		"us.acme.oracle-20260101-v1:0": 6,
		"acme.oracle-v2:0":             7,
		"acme.oracle-v20:0":            4, // v2 is not the beginning of v20
	} {
		price, known := card.Price(record.NormaliseModel(id), someDay, record.Tokens{Input: 1_000_000})
		assert.True(t, known, id)
		assert.Equal(t, dollars*1e9, price.NanoUSD, id)
	}
}

func TestAnOverrideGoesFirst(t *testing.T) {
	t.Parallel()
	card := record.Rates().With(readRates(t,
		",anthropic.claude-sonnet-4-5,,,2026-06-01,1,2,,,our contract,2026-05-20",
		"arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc,eu.anthropic.claude-sonnet-4-5-20250929-v1:0,,,,,,,,,",
	))
	million := record.Tokens{Input: 1_000_000}
	sonnet := card.Model("eu.anthropic.claude-sonnet-4-5-20250929-v1:0")

	price, known := card.Price(sonnet, someDay, million)
	assert.True(t, known)
	assert.EqualValues(t, 1e9, price.NanoUSD, "though the card has rates of a longer version and a narrower scope")
	assert.Equal(t, "our contract", price.Rate.Source)

	price, known = card.Price(sonnet, day(t, "2026-05-31"), million)
	assert.True(t, known)
	assert.EqualValues(t, 3.3e9, price.NanoUSD, "before the contract the card's own rate holds")

	profile := "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc"
	model := card.Model(profile)
	assert.Equal(t, "claude-sonnet-4-5", model.Name)
	assert.Equal(t, "eu", model.Scope)
	assert.Equal(t, profile, model.Profile)
	_, known = card.Price(model, someDay, million)
	assert.True(t, known)
	assert.Empty(t, record.Rates().Aliases(), "a card that others share is not changed")
	assert.Equal(t, record.NormaliseModel("cohere.command-r-v1:0"), card.Model("cohere.command-r-v1:0"))
}

func TestAnEstimateIsRoundedToTheNanodollarOnce(t *testing.T) {
	t.Parallel()
	card := readRates(t, ",acme.oracle,,,,0.000499,0.000001,,,list,")
	for tokens, nano := range map[record.Tokens]int64{
		{Input: 1}:            0, // 0.499
		{Input: 1, Output: 1}: 1, // 0.5
		{Input: 3}:            1, // 1.497
		{}:                    0,
	} {
		price, known := card.Price(record.NormaliseModel("acme.oracle"), someDay, tokens)
		assert.True(t, known)
		assert.Equal(t, nano, price.NanoUSD, tokens)
	}
}

func TestSumsNeverOverflow(t *testing.T) {
	t.Parallel()
	card := readRates(t, ",acme.oracle,,,,9999.999999,9999.999999,,,list,")
	oracle := record.NormaliseModel("acme.oracle")
	most := record.Tokens{Input: record.MaxTokens, Output: record.MaxTokens, CacheRead: record.MaxTokens, CacheWrite: record.MaxTokens}
	price, known := card.Price(oracle, someDay, most)
	assert.True(t, known)
	assert.InEpsilon(t, 4*record.MaxTokens*9999.999999*1e3, price.NanoUSD, 1e-9)
	for _, tokens := range []record.Tokens{
		{Input: record.MaxTokens + 1}, {Output: record.MaxTokens + 1}, {CacheRead: record.MaxTokens + 1}, {CacheWrite: 1<<63 - 1},
	} {
		_, known := card.Price(oracle, someDay, tokens)
		assert.False(t, known, "a fault is not priced: %v", tokens)
	}
}

func TestACountThatMustBeAFaultIsLeftOutOfTheRow(t *testing.T) {
	t.Parallel()
	r, err := record.Parse([]byte(`{"requestId":"r","timestamp":"2026-11-02T09:30:00Z","modelId":"amazon.nova-lite-v1:0",` +
		`"input":{"inputTokenCount":100000000},"output":{"outputTokenCount":9223372036854775807}}`))
	require.NoError(t, err)
	call := record.Rates().Call(r, "o")
	assert.EqualValues(t, record.MaxTokens, *call.InputTokens)
	assert.Nil(t, call.OutputTokens)
	assert.Nil(t, call.EstimatedNanoUSD, "a price without it would be too low")
}

func TestReadRatesTellsAllProblemsByLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"no columns":    {"", []string{"want a first line", "alias,model,scope"}},
		"other columns": {"model,price\nx,1\n", []string{"line 1: want the columns", "model,price"}},
		"many problems": {rateHeader +
			"# a comment\n" +
			",acme.oracle,,,,one,2,,,list,\n" +
			",oracle,,,,1,2,,,list,\n" +
			",us.acme.oracle,,,,1,2,,,list,\n" +
			",acme.oracle,EU,-1,1.1.2026,1,,0.1234567,x,,yesterday\n" +
			"too,short\n" +
			"arn:x,acme.oracle,,,,1,,,,,\n" +
			",acme.seer,,,,1,2,,,list,\n" +
			",acme.seer,,,,3,4,,,list,\n" +
			",acme.seer,,,,-1,12345,,,list,\n",
			[]string{
				`line 3: column input: want US dollars per million tokens such as 0.25, below 10000, with at most six decimals, got "one"`,
				`line 4: column model: want the id of a foundation model such as anthropic.claude-sonnet-4-5, got "oracle"`,
				`line 5: column model: want an id without the prefix of a profile; put that into column scope, got "us.acme.oracle"`,
				`line 6: column retrieved: want a day such as 2026-01-31, or nothing, got "yesterday"`,
				`line 6: column above: want a number of tokens such as 200000, or nothing, got "-1"`,
				`line 6: column since: want a day such as 2026-01-31, or nothing, got "1.1.2026"`,
				`line 6: column output:`, `line 6: column scope:`, `line 6: column source: want where the price is from, got ""`,
				`line 6: column cache_read:`, `line 6: column cache_write:`,
				`line 7: want 11 columns, got 2; leave a column empty rather than out`,
				`line 8: column input: want nothing in the row of an alias`,
				`line 10: column model: want a row of its own, got the same as line 9; remove one of them`,
				`line 11: column input:`, `line 11: column output:`,
			}},
		"a broken quotation": {rateHeader + ",\"acme.oracle,,,,1,2,,,list,\n", []string{"line 2", "mend the line"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			card, err := record.ReadRates(strings.NewReader(c.file))
			assert.Nil(t, card)
			require.Error(t, err)
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
			if name == "many problems" {
				assert.Len(t, strings.Split(err.Error(), "\n"), len(c.want), "%v", err)
			}
		})
	}
}

func TestTheEmbeddedFileIsAsTheScriptWritesIt(t *testing.T) {
	t.Parallel()
	file, err := os.Open("rates.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(rows), 100)
	assert.Equal(t, strings.TrimSpace(rateHeader), strings.Join(rows[0], ","))

	var keys [][4]string
	for i, row := range rows[1:] {
		above, _ := strconv.Atoi(row[3])
		keys = append(keys, [4]string{row[1], row[2], row[4], strconv.Itoa(1_000_000_000 + above)})
		assert.Empty(t, row[0], "line %d: aliases are for each account's own file", i+2)
		assert.Regexp(t, `^genai-prices \d`, row[9], "line %d", i+2)
		assert.Regexp(t, `^20\d\d-\d\d-\d\d$`, row[10], "line %d", i+2)
	}
	assert.True(t, slices.IsSortedFunc(keys, func(a, b [4]string) int { return slices.Compare(a[:], b[:]) }), "rows are sorted, so that a renewal shows as a small difference")
	assert.Len(t, slices.Compact(slices.Clone(keys)), len(keys), "and each is there once")
}

// Prices are typed in by people, who slip by a factor of a thousand.
func TestEmbeddedRatesArePlausible(t *testing.T) {
	t.Parallel()
	rates := record.Rates().Rates()
	require.NotEmpty(t, rates)
	for _, r := range rates {
		name := r.Vendor + "." + r.Model + "-" + r.Version + " " + r.Scope
		assert.GreaterOrEqual(t, r.Input, int64(10_000), "%s: a million tokens cost a cent at least", name)
		assert.LessOrEqual(t, max(r.Input, r.CacheWrite), int64(100_000_000), "%s: and no more than a hundred dollars", name)
		assert.LessOrEqual(t, r.Output, int64(200_000_000), name)
		assert.LessOrEqual(t, r.CacheRead, r.Input, "%s: reading from a cache is never dearer", name)
		if r.Output != 0 { // embeddings
			assert.GreaterOrEqual(t, r.Output, r.Input, "%s: tokens of an answer are never cheaper", name)
		}
	}
	for _, r := range rates {
		if r.Scope != record.ScopeGlobal {
			continue
		}
		for _, other := range rates {
			if other.Scope == record.ScopeRegional && other.Vendor == r.Vendor && other.Model == r.Model &&
				other.Version == r.Version && other.Above == r.Above && other.Since.Equal(r.Since) {
				assert.LessOrEqual(t, r.Input, other.Input, "%s: the global profile is never dearer", r.Model)
			}
		}
	}
}

func ExampleReadRates() {
	negotiated, err := record.ReadRates(strings.NewReader(`alias,model,scope,above,since,input,output,cache_read,cache_write,source,retrieved
# dollars per million tokens
,anthropic.claude-sonnet-4-5,,,2026-07-01,2.50,12.50,0.25,,contract 4711,
# an application inference profile, whose ARN does not tell the model
arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/ab12,eu.anthropic.claude-sonnet-4-5-20250929-v1:0,,,,,,,,,
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	card := record.Rates().With(negotiated)
	model := card.Model("arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/ab12")
	price, known := card.Price(model, time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC), record.Tokens{Input: 1200, Output: 300})
	fmt.Println(model.Vendor, model.Name, model.Scope)
	fmt.Println(known, price.NanoUSD, "billionths of a dollar, by", price.Rate.Source)
	// Output:
	// anthropic claude-sonnet-4-5 eu
	// true 6750000 billionths of a dollar, by contract 4711
}
