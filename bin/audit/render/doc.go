// Package render writes answers: as a table for people, as CSV for
// spreadsheets, as JSON for programs. Every form carries what the answer rests
// on.
//
// What is written may have been chosen by an attacker: a session name, metadata,
// a prompt. Control characters and characters that change the direction of
// writing are made visible, and CSV cells that a spreadsheet would take for a
// formula are preceded by an apostrophe.
package render
