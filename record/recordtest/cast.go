package recordtest

import (
	"fmt"
	"math/rand/v2"
)

// caller is who makes calls.
type caller struct {
	arn, principal string
	kind           string // as CloudTrail names it
	session        string
}

// cast is who takes part.
type cast struct {
	users   []string
	callers map[string][]caller // by account
}

var (
	roles = []string{"invoice-assistant", "support-chat", "contract-review", "search-indexer", "data-science-notebook", "code-helper"}
	tasks = []string{"summarise", "answer", "translate", "classify", "extract", "review-code"}
	kbs   = []string{"KB7QWERTY1", "KBPOLICY22", "KBSUPPORT3", "KBLEGAL044"}
)

func newCast(t Traffic) *cast {
	random := rand.New(rand.NewPCG(t.Seed, 2))
	people := &cast{callers: map[string][]caller{}}
	for range t.Users {
		people.users = append(people.users, fmt.Sprintf("u-%08x", random.Uint32()))
	}
	for _, account := range t.Accounts {
		var callers []caller
		for _, role := range roles {
			for _, session := range []string{fmt.Sprintf("i-%017x", random.Uint64()), fmt.Sprintf("botocore-session-%d", 1_790_000_000+random.IntN(1e7)), "anna.keller@example.com"} {
				callers = append(callers, caller{
					arn:       fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", account, role, session),
					principal: fmt.Sprintf("arn:aws:iam::%s:role/%s", account, role),
					kind:      "AssumedRole", session: session,
				})
			}
		}
		for _, user := range []string{"ci-pipeline", "research/ben.otieno"} {
			arn := fmt.Sprintf("arn:aws:iam::%s:user/%s", account, user)
			callers = append(callers, caller{arn: arn, principal: arn, kind: "IAMUser"})
		}
		root := fmt.Sprintf("arn:aws:iam::%s:root", account)
		people.callers[account] = append(callers, caller{arn: root, principal: root, kind: "Root"})
	}
	return people
}

// skewed picks one of n, the first ones far more often.
func skewed(random *rand.Rand, n int) int {
	x := random.Float64()
	return int(x * x * float64(n))
}
