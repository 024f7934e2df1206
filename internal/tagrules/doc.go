// Package tagrules knows which tags AWS accepts and which a bill needs. It is
// plain Go, for the construct that applies cost tags and for the configuration
// that holds them.
package tagrules
