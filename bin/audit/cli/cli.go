package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

// Exit codes.
const (
	ExitAnswered   = 0   // the answer is complete, as far as is known
	ExitFailed     = 1   // there is no answer
	ExitUsage      = 2   // the command line makes no sense
	ExitIncomplete = 3   // there is an answer, but part of the record is broken or missing
	ExitCancelled  = 130 // somebody pressed Ctrl-C
	ExitUnread     = 141 // who read the answer went away, as 'head' does
)

// Version is the program's, set by the linker for releases.
var Version = "(development)"

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exec runs the command line args, without the program's name, and returns the
// exit code. Errors are written to the error stream.
func Exec(ctx context.Context, args []string, s Streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	completion(root)
	said := sayOurselves(root, s.Err)
	err := fang.Execute(ctx, root,
		fang.WithVersion(Version),
		fang.WithoutManpage(),
		fang.WithErrorHandler(func(w io.Writer, styles fang.Styles, err error) {
			if terminal(s.Err) {
				fang.DefaultErrorHandler(w, styles, err)
				return
			}
			fmt.Fprintln(w, "audit:", err)
		}),
	)
	return exitCode(errors.Join(err, *said))
}

// sayOurselves keeps from fang the errors that are none to read: an incomplete
// record, which the answer's footer tells, a command that was cancelled, and a
// pipe whose reader went away.
func sayOurselves(root *cobra.Command, w io.Writer) *error {
	said := new(error)
	for _, cmd := range root.Commands() {
		run := cmd.RunE
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			err := run(cmd, args)
			switch {
			case errors.Is(err, context.Canceled):
				fmt.Fprintln(w, "cancelled")
			case unread(err):
			case err != errIncomplete:
				return err
			}
			*said = err
			return nil
		}
	}
	return said
}

// errIncomplete makes the exit code say what the footer says in words.
var errIncomplete = errors.New("the record is incomplete")

// unread reports whether an error is that of writing to a pipe that nobody reads.
// That a connection of the network broke off is another matter.
func unread(err error) bool {
	var file *fs.PathError
	return errors.As(err, &file) && errors.Is(file, syscall.EPIPE)
}

// usageError is a command line that makes no sense.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return ExitAnswered
	case errors.Is(err, errIncomplete):
		return ExitIncomplete
	case errors.Is(err, context.Canceled):
		return ExitCancelled
	case unread(err):
		return ExitUnread
	case errors.As(err, &usageError{}), strings.HasPrefix(err.Error(), "unknown command"):
		return ExitUsage
	}
	return ExitFailed
}

func newRoot(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "audit",
		Short: "Who called which model, with what, for how much",
		Long: strings.TrimSpace(`
Answers questions about the record of Amazon Bedrock calls: from the raw log, in
a folder or a bucket, or from the ledger in Amazon Athena.

Every answer says what it rests on: objects that could not be read, hours in
which there were calls but no records, models without a price. Dollars are
estimates: tokens at list price.

Exit codes: 0 answered; 1 failed; 2 wrong usage; 3 answered, but part of the
record is broken or missing; 130 cancelled; 141 nobody reads the answer.`),
		Example: strings.TrimSpace(`
# Spend of the last week, by user, from a copy of the log
audit cost --by user --from 7d --source ./log

# The same straight from the bucket, and from the ledger
audit cost --by user --from 7d --source s3://BUCKET
audit cost --by user --from 7d --engine athena --database DB --workgroup GROUP

# One call in full, with who made it
audit show 0f6f7a3e-5d0a-4e6e-9c1b-3f1f6a7d9f10 --from 2026-03-01 --source ./log --trail ./trail`),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		newQuestion(s, who), newQuestion(s, what), newQuestion(s, which), newQuestion(s, cost),
		newShow(s), newSQL(s), newReport(s), newVersion(s),
	)
	return root
}

// completion is cobra's command, which takes any word for a call of help. It
// writes to what is the root's output when it is made.
func completion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.Args, cmd.RunE = shell, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// shell refuses a shell that cobra writes nothing for.
func shell(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("no completion for %s; choose of bash, fish, powershell, zsh", render.Line(args[0]))
	}
	return nil
}
