package logstore

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// layout is how one service of AWS arranges its log files under
// AWSLogs/[ORGANISATION/]ACCOUNT/.
type layout struct {
	service string
	depth   int // date folders under the Region: 4 is year, month, day and hour
}

var (
	invocations = layout{"BedrockModelInvocationLogs", 4}
	cloudTrail  = layout{"CloudTrail", 3}
)

var (
	ofService = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?[0-9]{12}/([^/]+)/`)
	ofDate    = regexp.MustCompile(`/([A-Za-z]+)/[^/]+/([0-9]{4})/(?:([0-9]{2})/)?(?:([0-9]{2})/)?(?:([0-9]{2})/)?$`)
)

// folder says whether a folder can hold logs of the range, and whether it is a
// leaf, in which all objects are of one hour or day. Folders of other services
// hold none. One that does not look like the layout may hold anything.
func (l layout) folder(name string, r Range) (enter, leaf bool) {
	if m := ofService.FindStringSubmatch(name); m != nil && m[1] != l.service {
		return false, false
	}
	m := ofDate.FindStringSubmatch(name)
	if m == nil || m[1] != l.service {
		return true, false
	}
	date, depth := [4]int{0, 1, 1, 0}, 0
	for i, text := range m[2:] {
		if text == "" {
			break
		}
		date[i], _ = strconv.Atoi(text) // it is digits
		depth++
	}
	start := time.Date(date[0], time.Month(date[1]), date[2], date[3], 0, 0, 0, time.UTC)
	ends := [4]time.Time{start.AddDate(1, 0, 0), start.AddDate(0, 1, 0), start.AddDate(0, 0, 1), start.Add(time.Hour)}
	if depth > l.depth {
		return true, true // below a leaf
	}
	return r.touches(start, ends[depth-1]), depth == l.depth
}

// marker ends the name of the empty objects that Bedrock writes to try its
// permission.
const marker = "amazon-bedrock-logs-permission-check"

// isLog says whether an object is a file of logs, by its name. Bodies and media
// that Bedrock stores beside the logs lie directly in a folder data.
func isLog(key string) bool {
	folder, file := path.Split(key)
	if strings.HasSuffix(file, marker) || path.Base(folder) == "data" {
		return false
	}
	switch path.Ext(file) {
	case ".gz", ".json", ".jsonl", ".ndjson":
		return true
	}
	return false
}
