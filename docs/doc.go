// Package docs holds the documentation, and tests that keep it true: the Go code
// it shows compiles and synthesises, its links lead somewhere, and it names every
// key of environments.yaml.
package docs
