// Package memory is a store.Store without a disk, for tests: the same contract as store/etcd, of which
// store/storetest is the proof, in a few microseconds and with a clock that a test can hold. Nothing
// survives the process, so nothing but tests may use it.
package memory
