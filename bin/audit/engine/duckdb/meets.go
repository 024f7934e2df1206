package duckdb

import (
	"slices"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

// meets reports whether a call meets all conditions of a filter, as its SQL does:
// what a call does not have, which is empty here and NULL there, meets none.
func meets(call *record.Call, f ledgersql.Filter) bool {
	if call.CalledAt.Before(f.From) || !f.To.IsZero() && !call.CalledAt.Before(f.To) {
		return false
	}
	name := ""
	if call.Vendor != "" && call.Model != "" {
		name = call.Vendor + "." + call.Model
	}
	return isAny(f.Users, call.UserID) && isAny(f.Tasks, call.TaskType) && isAny(f.KnowledgeBases, call.KBID) &&
		isAny(f.Principals, call.Principal) && isAny(f.Requests, call.RequestID, call.BusinessID) &&
		isAny(f.Models, call.ModelID, call.Model, name)
}

// isAny reports whether any of the values is wanted; all are if none is named.
func isAny(wanted []string, values ...string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(values, func(v string) bool { return v != "" && slices.Contains(wanted, v) })
}
