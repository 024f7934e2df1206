package recordtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// writer writes batches, one after the other.
type writer struct {
	pen
	traffic Traffic
	cast    *cast
	put     func(key string, content []byte) error
	truth   *Truth
	seed    *rand.PCG
	call    call
	events  pen
	side    pen // of a body that does not go into the record
	object  bytes.Buffer
	zip     *gzip.Writer
	systems []string // system prompts: one for each task, and one for none
}

func newWriter(t Traffic, people *cast, put func(key string, content []byte) error) *writer {
	w := &writer{traffic: t, cast: people, put: put, truth: newTruth(), seed: rand.NewPCG(0, 0)}
	w.random, w.sentences = rand.New(w.seed), sentences()
	w.events.random = w.random
	w.side.random, w.side.sentences = w.random, w.sentences
	for i := range len(tasks) + 1 {
		w.systems = append(w.systems, strings.Join(w.sentences[16*i:16*i+16], ""))
	}
	w.zip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one
	return w
}

func (w *writer) write(b *batch) error {
	w.seed.Seed(w.traffic.Seed, uint64(b.number)<<8|3)
	start := b.from.Truncate(time.Hour)
	delivered := b.from.Add(b.span - time.Second)
	if b.fault == late {
		delivered = start.Add(time.Hour + time.Duration(w.random.IntN(3000))*time.Second)
	}
	key := w.traffic.hour(b.account, b.region, delivered) + w.name(delivered)
	w.object.Reset()
	w.zip.Reset(&w.object)
	w.events.b = append(w.events.b[:0], `{"Records":[`...)
	readable, cut := b.records, 0
	if b.fault == truncated {
		readable = b.records / 2
	}
	successes := int64(0)
	for i := range b.records {
		if b.fault == truncated && i == readable {
			if err := w.zip.Flush(); err != nil {
				return err
			}
			cut = w.object.Len() + 5 // too few bytes to hold a line
		}
		call := w.draw(b, i)
		w.b = w.b[:0]
		if err := w.record(call); err != nil {
			return err
		}
		w.raw("\n")
		if b.fault == broken && i == b.records/2 {
			if err := w.line(append(w.b[:len(w.b)/2:len(w.b)/2], '\n')); err != nil {
				return err
			}
			w.truth.Broken++
		}
		if err := w.line(w.b); err != nil {
			return err
		}
		if call.errorCode == "" {
			successes++
		}
		if i < readable {
			w.truth.count(call)
		} else {
			w.truth.Lost++
		}
		if i == 0 && b.example {
			w.truth.Examples = append(w.truth.Examples, Example{call.id, call.at, key})
		}
		if w.traffic.CloudTrail {
			w.event(call)
		}
	}
	w.truth.Hours = append(w.truth.Hours, Hour{b.region, start, successes})
	if err := w.zip.Close(); err != nil {
		return err
	}
	if b.fault == truncated {
		w.object.Truncate(cut)
		w.truth.Truncated++
	}
	if err := w.deliver(key); err != nil {
		return err
	}
	if b.fault == duplicated {
		w.truth.Duplicates += int64(b.records)
		again := w.traffic.hour(b.account, b.region, delivered) + w.name(delivered)
		if err := w.deliver(again); err != nil {
			return err
		}
	}
	if w.traffic.CloudTrail {
		return w.deliverEvents(b, delivered)
	}
	return nil
}

func (w *writer) line(line []byte) error {
	w.truth.RawBytes += int64(len(line))
	_, err := w.zip.Write(line)
	return err
}

// name is the name of an object of log records.
func (w *writer) name(delivered time.Time) string {
	return fmt.Sprintf("%s%03dZ_%016x.json.gz", delivered.Format("20060102T150405"), w.random.IntN(1000), w.random.Uint64())
}

// deliver puts the object of log records.
func (w *writer) deliver(key string) error {
	w.truth.Objects++
	w.truth.Bytes += int64(w.object.Len())
	return w.put(key, w.object.Bytes())
}

// deliverSide puts what is in w.side beside the logs of the hour, and returns
// its S3 path.
func (w *writer) deliverSide(c *call, name string) (string, error) {
	key := w.traffic.hour(c.account, c.region, c.at) + "data/" + c.id + name
	var object bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&object, gzip.BestSpeed)
	zip.Write(w.side.b) // into memory
	zip.Close()
	w.truth.SideFiles++
	w.truth.Bytes += int64(object.Len())
	return "s3://" + w.traffic.Bucket + "/" + key, w.put(key, object.Bytes())
}

func (w *writer) uuid() string {
	at := len(w.b)
	w.pen.uuid()
	id := string(w.b[at:])
	w.b = w.b[:at]
	return id
}
