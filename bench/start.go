package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// startAndIdle starts a fresh server, and watches it do nothing. The limit is the embedded etcd alone.
func startAndIdle(ctx context.Context, b *bench) error {
	if b.server.command != nil {
		began := time.Now()
		fresh, err := startNave(ctx, b.binary, filepath.Join(b.dir, "fresh"))
		if err != nil {
			return err
		}
		took := time.Since(began)
		fresh.stop()
		b.table.value("start-up, until ready and answering", duration(took), "etcd", duration(b.etcd.started), ratio(took, b.etcd.started))
	}
	idle := time.Duration(b.n(20)) * time.Second
	cpu, limit := b.server.process.cpu(), b.etcd.process.cpu()
	select {
	case <-time.After(idle):
	case <-ctx.Done():
		return ctx.Err()
	}
	if b.server.process == 0 {
		return nil
	}
	cpu, limit = b.server.process.cpu()-cpu, b.etcd.process.cpu()-limit
	percent := func(d time.Duration) string { return fmt.Sprintf("%.1f %%", 100*float64(d)/float64(idle)) }
	b.table.value("idle, of one core", percent(cpu), "etcd", percent(limit), ratio(cpu, limit))
	return b.resident("idle, resident memory")
}

// resident prints the memory of the server and of etcd alone: what is the processes' own, and what is pages
// of files.
func (b *bench) resident(name string) error {
	own, files := b.server.process.memory()
	limitOwn, limitFiles := b.etcd.process.memory()
	b.table.value(name, megabytes(own+files), "etcd", megabytes(limitOwn+limitFiles), ratio(own+files, limitOwn+limitFiles))
	b.table.value("  of it pages of files", megabytes(files), "etcd", megabytes(limitFiles), ratio(files, limitFiles))
	return nil
}

func ratio[T ~int64](a, b T) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// memory is what is resident after everything.
func memory(ctx context.Context, b *bench) error {
	if b.server.process == 0 {
		return nil
	}
	if err := b.resident(fmt.Sprintf("after all that, with %d pods", b.pods)); err != nil {
		return err
	}
	const settle = 25 * time.Second
	select {
	case <-time.After(settle):
	case <-ctx.Done():
	}
	return b.resident(fmt.Sprintf("  and %.0f s later", settle.Seconds()))
}
