package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Go lets garbage grow to the size of what is alive before it collects: with a cluster's objects in memory
// that is the larger half of the process. Those objects are bytes without pointers, which cost a collection
// next to nothing, so it can well come sooner: past freeHeap of live memory, garbage may grow by a quarter
// of what is alive and not by all of it.
const freeHeap = 48 << 20

// collectSooner sets the collector's percentage anew after each collection, unless the user has chosen one by
// GOGC.
func collectSooner() {
	if os.Getenv("GOGC") == "" {
		(&collection{percent: 100}).next()
	}
	go giveBack()
}

// idleCheck is how often it is looked whether the process has become idle.
const idleCheck = 10 * time.Second

// giveBack gives memory back to the system once after each time that the process was busy: what garbage is left
// then would stay until the next collection, which an idle process does not come to. It never returns.
func giveBack() {
	cycles := []metrics.Sample{{Name: "/gc/cycles/automatic:gc-cycles"}}
	last, given := uint64(0), uint64(0)
	for range time.Tick(idleCheck) {
		metrics.Read(cycles)
		now := cycles[0].Value.Uint64()
		if now == last && now != given {
			debug.FreeOSMemory()
			given = now
		}
		last = now
	}
}

// A collection is garbage itself: that it is collected tells that there was a collection.
type collection struct{ percent int }

func (c *collection) next() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	percent := gcPercent(live[0].Value.Uint64())
	if d := percent - c.percent; d < -5 || d > 5 { // setting it stops the world for a moment
		debug.SetGCPercent(percent)
		c.percent = percent
	}
	runtime.SetFinalizer(c, (*collection).next)
}

// gcPercent is how much garbage there may be, in percent of what is alive.
func gcPercent(live uint64) int {
	if live <= freeHeap {
		return 100
	}
	return int((freeHeap + (live-freeHeap)/4) * 100 / live)
}
