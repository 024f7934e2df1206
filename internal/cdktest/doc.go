// Package cdktest holds what the construct tests of this module share.
//
// The jsii kernel is one Node process per test binary and is not safe for
// concurrent use: tests that touch CDK run one after the other, and each
// package ends the kernel once, in TestMain through Main.
package cdktest
