package main

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestParseProc(t *testing.T) {
	stat := []byte("42 (a (b) c) S 1 42 42 0 -1 4194560 1 0 0 0 150 25 0 0 20 0 9 0 100 1 1")
	if got := parseCPU(stat); got != 1750*time.Millisecond {
		t.Errorf("cpu %v", got)
	}
	if got := parseCPU([]byte("42 (cut")); got != 0 {
		t.Errorf("cpu of half a line %v", got)
	}
	own, files := parseMemory([]byte("Name:\tnave\nVmRSS:\t  30 kB\nRssAnon:\t    20 kB\nRssFile:\t     8 kB\n"))
	if own != 20<<10 || files != 8<<10 {
		t.Errorf("memory %d %d", own, files)
	}
}

func TestContinueOf(t *testing.T) {
	for list, want := range map[string]string{
		`{"kind":"PodList","metadata":{"continue":"abc","resourceVersion":"1"},"items":[{"broken"`: "abc",
		`{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[]}`:                         "",
	} {
		if got, err := continueOf([]byte(list)); err != nil || got != want {
			t.Errorf("%s: %q, %v", list, got, err)
		}
	}
}

func TestEachStopsAtTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	calls := 0
	_, err := each(context.Background(), 1000, 1, func(_ context.Context, _, i int) error {
		calls++
		if i == 3 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || calls != 4 {
		t.Errorf("%v after %d calls", err, calls)
	}
	took, err := each(context.Background(), 50, 4, func(context.Context, int, int) error { return nil })
	if err != nil || len(took) != 50 {
		t.Errorf("%v, %d", err, len(took))
	}
}

func TestNumbers(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "", 1500: "1.50us", 12345 * time.Microsecond: "12.3ms", 2 * time.Second: "2000ms"} {
		if got := duration(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
	sorted := []time.Duration{1, 2, 3, 4}
	if percentile(sorted, 50) != 3 || percentile(sorted, 99) != 4 || percentile(nil, 50) != 0 {
		t.Error("percentiles")
	}
}

// TestObjects holds the sizes that the figures are given for.
func TestObjects(t *testing.T) {
	if n := len(configMap("by-32-00001", 0)); n < 950 || n > 1100 {
		t.Errorf("a ConfigMap has %d bytes", n)
	}
	if n := len(pod(1)); n < 2800 || n > 3300 {
		t.Errorf("a pod has %d bytes", n)
	}
}
