// Package etcd is the store.Store over etcd, the only database that a Nave server uses outside tests. The
// server runs either an etcd of its own inside the process (Start: one member, no listener, called by
// function and not over gRPC) or uses a cluster (Dial). The data, keys and values alike, are the same in
// both, and those of kube-apiserver.
//
// cmd/nave makes the store; stages 4 and 8 use it as a store.Store. What the package guarantees beyond
// the contract of store.Store: a second process on the folder of an embedded etcd is refused at once with
// *LockedError, and keys with a time to live share etcd leases.
package etcd
