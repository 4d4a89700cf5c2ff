// Package cache is stage 8, watch: what the server knows of the store without asking it.
//
// One watch on the whole prefix feeds it, and one revision, the clock, says how far it is. A resource is
// indexed when it is first read (Index); from then on reads of it, as it is (Latest, Consistent) and as it
// was (At), are Snapshots that cost nothing to take and block nobody, and watchers of it are Cursors, each
// a position in one shared log of events.
//
// Entries are the store's bytes; decoded objects are not kept. What is derived from the bytes, such as
// labels or JSON, is computed when first asked for, at most once, and shared.
//
// The resource engine and nothing else uses it. It guarantees: a snapshot of revision R holds exactly what
// the store held at R; a cursor after R delivers every later event of its resource once, in order, or ends
// with ErrExpired; Consistent sees every write that was acknowledged before it was called, by whichever
// server. Everything got from the cache is shared and must not be changed.
package cache
