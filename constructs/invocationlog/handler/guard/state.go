package guard

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

const (
	// healWindow is the time in which the heals are counted: an hour, and the
	// second that their times are rounded by.
	healWindow = time.Hour + time.Second
	// keptSightings are more than one because a run of the schedule may see a
	// change before its event comes, and heal it, and then both count as newer
	// than what the change replaced.
	keptSightings = 4
	// keptMessages outlast the runs that Lambda repeats.
	keptMessages = 8
	// maxParameter is the limit of a standard SSM parameter, in bytes.
	maxParameter = 4096
)

// state is what the guard remembers from run to run.
type state struct {
	// Seen are the live configurations it saw, the newest first.
	Seen []sighting `json:"seen,omitempty"`
	// Heals are the times of the attempts to put the declared configuration
	// back.
	Heals []time.Time `json:"heals,omitempty"`
	// GaveUp means that it was changed too often to be put back again. It holds
	// until the declared configuration is live without the guard's doing.
	GaveUp bool `json:"gaveUp,omitempty"`
	// Told are the events, and the giving up, that the topic has a message
	// about.
	Told []string `json:"told,omitempty"`
}

// sighting is a live configuration and when it was seen first.
type sighting struct {
	Since time.Time `json:"since"`
	// Config is null where nothing was configured.
	Config *logging.Config `json:"config"`
}

// gaveUpMessage is the entry in Told for it.
const gaveUpMessage = "gaveUp"

// parseState reads what encode made; no text is the first run. Times that are
// yet to come were written by a clock that was wrong: they count as now, and so
// neither lengthen the hour of a heal nor shorten it.
func parseState(text string, now time.Time) (state, error) {
	var s state
	if text != "" {
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return state{}, fmt.Errorf("it holds nothing that the guard wrote (%w); delete it, and the guard starts anew", err)
		}
	}
	now = now.UTC().Truncate(time.Second)
	s.Heals = slices.DeleteFunc(s.Heals, func(at time.Time) bool { return now.Sub(at) > healWindow })
	for i, at := range s.Heals {
		if at.After(now) {
			s.Heals[i] = now
		}
	}
	for i, seen := range s.Seen {
		if seen.Since.After(now) {
			s.Seen[i].Since = now
		}
	}
	return s, nil
}

// encode forgets the oldest sightings where the parameter would not hold them.
func (s state) encode() string {
	for {
		text, err := json.Marshal(s)
		if err != nil {
			panic(err) // plain values, which cannot fail
		}
		if len(text) <= maxParameter || len(s.Seen) <= 1 {
			return string(text)
		}
		s.Seen = s.Seen[:len(s.Seen)-1]
	}
}

// see notes the live configuration where it is not the one seen last.
func (s *state) see(live *logging.Config, now time.Time) {
	if len(s.Seen) > 0 && logging.Difference(live, s.Seen[0].Config) == "" {
		return
	}
	s.Seen = slices.Insert(s.Seen, 0, sighting{Since: now.UTC().Truncate(time.Second), Config: live})
	s.Seen = s.Seen[:min(len(s.Seen), keptSightings)]
}

// before returns what was live before a time, as far as the guard saw it.
func (s state) before(at time.Time) (sighting, bool) {
	for _, seen := range s.Seen {
		if seen.Since.Before(at) {
			return seen, true
		}
	}
	return sighting{}, false
}

// tell notes that the topic has a message.
func (s *state) tell(what string) {
	if s.told(what) {
		return
	}
	s.Told = append(s.Told, what)
	s.Told = s.Told[max(0, len(s.Told)-keptMessages):]
}

func (s state) told(what string) bool { return slices.Contains(s.Told, what) }

// settle notes that the declared configuration is live without the guard's
// doing.
func (s *state) settle() {
	s.GaveUp = false
	s.Told = slices.DeleteFunc(s.Told, func(what string) bool { return what == gaveUpMessage })
}

// mayHeal decides whether the guard puts the configuration back once more, and
// counts it. It gives up where that would be more than limit within an hour.
func (s *state) mayHeal(limit int, now time.Time) bool {
	if limit == 0 || s.GaveUp {
		return false
	}
	if len(s.Heals) >= limit {
		s.GaveUp = true
		return false
	}
	s.Heals = append(s.Heals, now.UTC().Truncate(time.Second))
	return true
}
