package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// profileDuring takes a CPU profile of the server while something is measured, where that is asked for. The
// returned function waits for its end: it is of the first two seconds.
func (b *bench) profileDuring(ctx context.Context, name string) (done func()) {
	if b.options.profile == "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := b.takeProfile(ctx, name); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "bench: profile:", err)
		}
	}()
	return func() { <-ended; cancel() }
}

func (b *bench) takeProfile(ctx context.Context, name string) error {
	c, err := b.server.client()
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	body, err := c.read(ctx, request{method: "GET", path: "/debug/pprof/profile?seconds=2", accept: "*/*"})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(b.options.profile, 0o755); err != nil {
		return err
	}
	file := strings.Map(func(r rune) rune {
		if r == ' ' || r == ',' || r == ':' || r == '%' {
			return '-'
		}
		return r
	}, name)
	return os.WriteFile(filepath.Join(b.options.profile, file+".pprof"), body, 0o644)
}
