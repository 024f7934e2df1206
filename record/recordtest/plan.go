package recordtest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// batch is one object to write: so many records of one hour.
type batch struct {
	number          int // of the batch, which seeds it
	account, region string
	from            time.Time // of the first record
	span            time.Duration
	first, records  int // numbers of its records, over all batches
	fault           fault
	example         bool // its first call is one
}

type fault int

const (
	noFault fault = iota
	truncated
	broken
	duplicated
	late
)

// plan spreads the records over accounts, Regions and hours, and the faults over
// the batches.
func (t Traffic) plan() ([]batch, []Hour, error) {
	random := rand.New(rand.NewPCG(t.Seed, 1))
	hours := t.Hours * len(t.Regions)
	silentAt := map[int]bool{}
	var silent []Hour
	for _, at := range random.Perm(hours)[:t.Faults.Silent] {
		silentAt[at] = true
		silent = append(silent, Hour{
			Region:      t.Regions[at%len(t.Regions)],
			Start:       t.From.Add(time.Duration(at/len(t.Regions)) * time.Hour),
			Invocations: int64(10 + random.IntN(90)),
		})
	}
	weigh := func(hour, region, account int) int {
		at := t.From.Add(time.Duration(hour) * time.Hour)
		weight := busy[at.Hour()] * (len(t.Accounts) + 1 - account) * (len(t.Regions) + 1 - region)
		if silentAt[hour*len(t.Regions)+region] {
			weight = 0
		}
		return weight
	}
	total := 0
	for hour := range t.Hours {
		for region := range t.Regions {
			for account := range t.Accounts {
				total += weigh(hour, region, account)
			}
		}
	}
	var batches []batch
	sum, first := 0, 0
	for hour := range t.Hours {
		for region := range t.Regions {
			for account := range t.Accounts {
				sum += weigh(hour, region, account)
				last := int(int64(t.Records) * int64(sum) / int64(total))
				records := last - first
				objects := (records + t.RecordsPerObject - 1) / t.RecordsPerObject
				for object := range objects {
					next := first + records*(object+1)/objects - records*object/objects
					batches = append(batches, batch{
						number:  len(batches),
						account: t.Accounts[account], region: t.Regions[region],
						from:  t.From.Add(time.Duration(hour)*time.Hour + time.Hour*time.Duration(object)/time.Duration(objects)),
						span:  time.Hour / time.Duration(objects),
						first: first, records: next - first,
					})
					first = next
				}
				first = last
			}
		}
	}
	if err := t.addFaults(random, batches); err != nil {
		return nil, nil, err
	}
	for at := 0; at < len(batches); at += 1 + len(batches)/100 {
		batches[at].example = batches[at].fault != truncated
	}
	return batches, silent, nil
}

// busy is how busy each hour of a day is.
var busy = [24]int{2, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 19, 15, 18, 20, 19, 17, 14, 10, 8, 6, 5, 4, 3}

func (t Traffic) addFaults(random *rand.Rand, batches []batch) error {
	order := random.Perm(len(batches))
	for _, faults := range []struct {
		fault fault
		count int
	}{{truncated, t.Faults.Truncated}, {broken, t.Faults.Broken}, {duplicated, t.Faults.Duplicated}, {late, t.Faults.Late}} {
		if faults.count > len(order) {
			return fmt.Errorf("recordtest: %+v hit more objects than the %d there are; lower RecordsPerObject or add Records", t.Faults, len(batches))
		}
		for _, at := range order[:faults.count] {
			batches[at].fault = faults.fault
		}
		order = order[faults.count:]
	}
	return nil
}
