// Package misuse reports programming errors in the use of a construct.
//
// A construct cannot return an error: CDK in Go panics on misuse, and so does
// this library, with one sentence form that says what is wrong, what was given
// and what to do. Everything that a caller can get wrong in Go goes through
// here, so that the form stays one. So do the warnings about what is allowed
// and yet looser than the default.
package misuse
