package recordtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
)

// sentences are what texts are put together from, escaped for JSON, each ending
// in a space. They are the same for all seeds.
var sentences = sync.OnceValue(func() []string {
	random := rand.New(rand.NewPCG(1, 3))
	out := make([]string, 1<<14)
	for i := range out {
		out[i] = sentence(random)
	}
	return out
})

var (
	nouns = strings.Fields(`invoice contract shipment customer supplier policy deadline budget forecast warehouse
		payment refund subscription account balance ledger clause warranty liability tenant landlord lease
		engine bearing valve turbine sensor gateway server cluster database index query latency backlog release
		patient diagnosis treatment dosage nurse hospital referral symptom trial placebo cohort outcome
		river harbour bridge tunnel station timetable passenger conductor luggage corridor platform ticket
		recipe oven flour butter garlic onion spinach vinegar chicken basil pepper sauce
		committee minister parliament amendment regulation regulator licence permit inspection audit finding
		teacher pupil lesson homework library essay chapter author novel translator dictionary grammar
		merger dividend shareholder prospectus auditor quarter margin currency hedge bond yield coupon
		kernel compiler function pointer branch commit pipeline container volume secret certificate token
		orchard meadow tractor harvest barley irrigation fertiliser greenhouse seedling beehive
		orbit satellite antenna telescope crater eclipse spectrum photon magnet electron isotope`)
	adjectives = strings.Fields(`late early overdue remaining average seasonal approximate legal internal external
		temporary permanent quarterly annual narrow broad regional domestic foreign suspicious ordinary unusual
		reliable fragile expensive cheap heavy light northern southern urban rural digital manual automatic
		medical chemical thermal optical final provisional incomplete revised confidential public ripe salted`)
	verbs = strings.Fields(`confirms rejects delays explains replaces contradicts supports exceeds follows mentions
		covers excludes triggers reduces increases requires describes avoids improves limits reveals outlines
		approves cancels measures predicts summarises precedes affects resembles supplements clarifies`)
	adverbs = strings.Fields(`usually rarely explicitly partly probably clearly immediately eventually already
		often seldom formally merely roughly slightly substantially`)
	linkers = []string{"Therefore", "However", "In addition", "As a result", "For example", "According to the annex",
		"By comparison", "Since last year", "In practice", "At the same time", "On the other hand", "Above all"}
	others = []string{
		`Bitte prüfen Sie die Rechnung über 1.249,00 € und bestätigen Sie den Zahlungseingang. `,
		`La réunion a été déplacée à jeudi, veuillez prévenir le fournisseur. `,
		`請求書の金額を確認してください。`,
		`¿Puede usted enviar el contrato firmado antes del viernes? `,
		`Thanks a lot 🙏 that was exactly what I needed! `,
		`She said: \"please look at \\\\files\\shared\\2026 before you answer\". `,
		`\n\n- first item\n- second item\n\t- nested item\n\n`,
		"```go\\nfunc main() {\\n\\tfmt.Println(\\\"hello\\\")\\n}\\n```\\n",
		`{\"requestId\": \"not-an-id\", \"inputTokenCount\": 12345, \"errorCode\": \"NotAnError\"} `,
		`a \u003c b \u0026\u0026 c \u003e d, as the template says. `,
	}
)

func sentence(random *rand.Rand) string {
	pick := func(words []string) string { return words[random.IntN(len(words))] }
	thing := func() string {
		if random.IntN(2) == 0 {
			return pick(nouns)
		}
		return pick(adjectives) + " " + pick(nouns)
	}
	clause := func() string {
		switch random.IntN(4) {
		case 0:
			return fmt.Sprintf("the %s %s %s the %s", thing(), pick(adverbs), pick(verbs), thing())
		case 1:
			return fmt.Sprintf("%s no. %d %s the %s of the %s", pick(nouns), random.IntN(90_000), pick(verbs), pick(nouns), thing())
		case 2:
			return fmt.Sprintf("a %s with %d %ss %s every %s", thing(), 2+random.IntN(400), pick(nouns), pick(verbs), pick(nouns))
		default:
			return fmt.Sprintf("the %s %s a %s", pick(nouns), pick(verbs), thing())
		}
	}
	switch random.IntN(20) {
	case 0:
		return pick(others)
	case 1, 2, 3, 4:
		return pick(linkers) + ", " + clause() + ". "
	case 5, 6, 7:
		return upper(clause()) + ", and " + clause() + ". "
	case 8, 9:
		return upper(clause()) + "; " + clause() + ".\\n"
	default:
		return upper(clause()) + ". "
	}
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
