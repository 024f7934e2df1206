package athenatest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

const database = "paper_trail"

// transpile reads statements as those of one dialect and writes them as those of
// another. A statement that does not parse fails the test.
func transpile(t *testing.T, read, write string, statements ...string) []string {
	t.Helper()
	type question struct {
		SQL   string `json:"sql"`
		Read  string `json:"read"`
		Write string `json:"write"`
	}
	var questions []question
	for _, statement := range statements {
		questions = append(questions, question{statement, read, write})
	}
	in, err := json.Marshal(questions)
	require.NoError(t, err)
	python, err := filepath.Abs("../../../.venv/bin/python")
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), python, "transpile.py")
	command.Stdin = bytes.NewReader(in)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	require.NoError(t, err, "sqlglot could not be run: %s\nmake install puts it into .venv", &complaints)
	var answers []struct{ SQL, Problem string }
	require.NoError(t, json.Unmarshal(out, &answers))
	var written []string
	for i, answer := range answers {
		require.Empty(t, answer.Problem, "read as %s:\n%s", read, statements[i])
		written = append(written, answer.SQL)
	}
	return written
}

// athena stands for Athena: a DuckDB that is told what Athena would be told.
type athena struct {
	t    *testing.T
	conn *sql.Conn
}

func newAthena(t *testing.T) *athena {
	t.Helper()
	connector, err := duckdb.NewConnector("?autoinstall_known_extensions=false&autoload_known_extensions=false", func(sqldriver.ExecerContext) error { return nil })
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	a := &athena{t, conn}
	a.duckdb("SET TimeZone = 'UTC'")
	a.duckdb("CREATE SCHEMA " + database)
	a.duckdb("USE " + database)
	a.duckdb(`CREATE TABLE invocations (line VARCHAR, "$path" VARCHAR, log_account VARCHAR, log_region VARCHAR, log_hour VARCHAR)`)
	return a
}

func (a *athena) duckdb(statement string) {
	a.t.Helper()
	_, err := a.conn.ExecContext(a.t.Context(), statement)
	require.NoError(a.t, err, "%s", statement)
}

// run runs statements that are written for Athena.
func (a *athena) run(statements ...string) {
	a.t.Helper()
	for _, statement := range transpile(a.t, "athena", "duckdb", statements...) {
		a.duckdb(statement)
	}
}

// ask returns the rows of a query, of any dialect that DuckDB reads.
func (a *athena) ask(query string) (names []string, rows [][]any) {
	a.t.Helper()
	result, err := a.conn.QueryContext(a.t.Context(), query)
	require.NoError(a.t, err, "%s", query)
	defer result.Close()
	names, err = result.Columns()
	require.NoError(a.t, err)
	for result.Next() {
		row := make([]any, len(names))
		at := make([]any, len(names))
		for i := range row {
			at[i] = &row[i]
		}
		require.NoError(a.t, result.Scan(at...))
		for i, value := range row {
			if moment, is := value.(time.Time); is {
				row[i] = moment.UTC()
			}
		}
		rows = append(rows, row)
	}
	require.NoError(a.t, result.Err())
	return names, rows
}

var folder = regexp.MustCompile(`AWSLogs/([^/]+)/BedrockModelInvocationLogs/([^/]+)/(\d{4}/\d\d/\d\d/\d\d)/`)

// see puts the lines of a folder's files into table invocations as Athena finds them: whatever
// lies below the folder of an hour is in its partition, markers and side files too.
func (a *athena) see(dir string, keep func(key string) bool) {
	a.t.Helper()
	store := logstore.Dir(dir)
	require.NoError(a.t, a.conn.Raw(func(driver any) error {
		appender, err := duckdb.NewAppenderFromConn(driver.(sqldriver.Conn), database, "invocations")
		if err != nil {
			return err
		}
		for object, err := range store.Walk(context.Background(), "") {
			if err != nil {
				return err
			}
			of := folder.FindStringSubmatch(object.Key)
			if of == nil || !keep(object.Key) {
				continue
			}
			for _, line := range lines(a.t, filepath.Join(dir, object.Key)) {
				if err := appender.AppendRow(strings.ToValidUTF8(line, "\uFFFD"), store.Name(object.Key), of[1], of[2], of[3]); err != nil {
					return err
				}
			}
		}
		return appender.Close()
	}))
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	if strings.HasSuffix(path, ".gz") && len(content) > 0 {
		unzipped, err := gzip.NewReader(bytes.NewReader(content))
		require.NoError(t, err)
		content, err = io.ReadAll(unzipped)
		require.NoError(t, err)
	}
	var all []string
	scanner := bufio.NewScanner(bytes.NewReader(content))
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		all = append(all, scanner.Text())
	}
	require.NoError(t, scanner.Err())
	return all
}

func everything(string) bool { return true }

// setUp runs what comes before a fill.
func (a *athena) setUp(card *record.RateCard) {
	a.t.Helper()
	a.run(
		ledgersql.CreateCalls(database, "s3://ledger/calls/"),
		ledgersql.CreateUnreadable(database, "s3://ledger/unreadable/"),
		ledgersql.RatesView(database, card),
		ledgersql.ModelAliasesView(database, card),
		ledgersql.RecordsView(database),
	)
}

// measure asks how fills went: rows, lag_seconds, unreadable, missing, duplicates.
func (a *athena) measure(w ledgersql.Window) []any {
	a.t.Helper()
	names, rows := a.ask(transpile(a.t, "athena", "duckdb", ledgersql.Measure(database, w))[0])
	require.Equal(a.t, []string{"rows", "lag_seconds", "unreadable", "missing", "duplicates"}, names)
	require.Len(a.t, rows, 1)
	return rows[0]
}

// allTime is a window around all generated traffic.
var allTime = ledgersql.Window{From: "2026/11/01/00", To: "2026/11/07/00"}

func generate(t *testing.T, traffic recordtest.Traffic) (dir string, truth *recordtest.Truth) {
	t.Helper()
	dir = t.TempDir()
	truth, err := traffic.Write(t.Context(), recordtest.ToDir(dir))
	require.NoError(t, err)
	return dir, truth
}
