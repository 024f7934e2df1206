// Package assistant runs the example program of folder examples/assistant, built
// as its users build it, against the emulator's endpoint for models. The
// emulator answers in the form of Converse; it writes no invocation logs, so the
// metadata are read where the call leaves the program.
package assistant
