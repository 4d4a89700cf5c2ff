// Package exchanges replays recorded requests and compares the answers with those that kube-apiserver
// 1.37.2 gave. testdata/README.md describes the files, testdata/surprises.md what one would not expect of
// them. testdata/differences.txt lists the steps that do not match: a test fails when a step does not match
// that is not listed, and with -update the list is written anew.
package exchanges
