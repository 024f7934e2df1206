// Package figure holds what the benchmarks measure, and prints it.
package figure
