// Package gofunction compiles a Lambda function of this module from Go source
// that travels inside the importing program, so that a CDK application needs
// neither a checkout of this module nor a prebuilt binary.
//
// A plain `go build` of the function's import path would fail there: the
// importer's go.sum does not list the function's dependencies, its vendor
// folder does not hold them, and the module cache is read-only. The source is
// therefore embedded together with the go.mod and go.sum of this module,
// unpacked into a folder of its own and compiled as the main module, with every
// setting that could change the outcome pinned.
//
// [Source.Hash] depends on the source alone. It is meant as the asset hash, so
// that templates do not change with the toolchain that compiled the function.
// [Source.Build] caches its result: a second synthesis runs no compiler.
//
//	dir, err := source.Build(ctx, gofunction.Arm64) // dir holds "bootstrap" and its archive
package gofunction
