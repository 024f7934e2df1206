package render

import "time"

// Filter is what a question was narrowed to, as its JSON shows it.
type Filter struct {
	From       *time.Time `json:"from,omitempty"`
	To         *time.Time `json:"to,omitempty"`
	Users      []string   `json:"users,omitempty"`
	Tasks      []string   `json:"tasks,omitempty"`
	KBs        []string   `json:"kbs,omitempty"`
	Requests   []string   `json:"requests,omitempty"`
	Models     []string   `json:"models,omitempty"`
	Principals []string   `json:"principals,omitempty"`
	By         []string   `json:"by,omitempty"`
	Limit      int        `json:"limit,omitempty"`
	SQL        string     `json:"sql,omitempty"`
}
