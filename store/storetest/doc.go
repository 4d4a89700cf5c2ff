// Package storetest is the contract of store.Store as tests: what a caller may rely on, whichever store it
// has. The tests of every store call Run, and Random against a second store.
package storetest
