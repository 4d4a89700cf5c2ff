package main

import "testing"

func TestGCPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 20 << 20: 100, 48 << 20: 100, 192 << 20: 43, 4 << 30: 25} {
		if got := gcPercent(live); got != want {
			t.Errorf("%d MB alive: %d %%, want %d", live>>20, got, want)
		}
	}
}
