// Package crash kills servers in the middle of their work and looks at what is left: every write that was
// acknowledged is there as it was written, nothing is there that nobody wrote, and watches that go on from where
// they were see every change once. It runs nave up as a process of its own, with the embedded etcd and with one
// that is a process, too, and two servers on one etcd.
//
//	go test ./test/crash              a few rounds
//	go test ./test/crash -rounds 100  many
package crash
