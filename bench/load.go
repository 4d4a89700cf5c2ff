package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A measure is what a load came to.
type measure struct {
	ops      int
	took     time.Duration
	cpu      time.Duration // of the server
	p50, p99 time.Duration
}

// rate is in operations a second.
func (m measure) rate() float64 { return float64(m.ops) / m.took.Seconds() }

// cpuPerOp is the server's time for one operation.
func (m measure) cpuPerOp() time.Duration {
	if m.ops == 0 {
		return 0
	}
	return m.cpu / time.Duration(m.ops)
}

// each calls op n times, by so many workers at once, each call with its number and its worker's.
func each(ctx context.Context, n, workers int, op func(ctx context.Context, worker, i int) error) (took []time.Duration, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	took = make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				started := time.Now()
				if err := op(ctx, worker, i); err != nil {
					cancel(err)
					return
				}
				took[i] = time.Since(started)
			}
		})
	}
	wg.Wait()
	return took, context.Cause(ctx)
}

// load measures each on a process.
func load(ctx context.Context, p process, n, workers int, op func(ctx context.Context, worker, i int) error) (measure, error) {
	cpu, started := p.cpu(), time.Now()
	took, err := each(ctx, n, workers, op)
	m := measure{ops: n, took: time.Since(started), cpu: p.cpu() - cpu}
	slices.Sort(took)
	m.p50, m.p99 = percentile(took, 50), percentile(took, 99)
	return m, err
}

// percentile of sorted durations.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// clientsPerConnection is how many of the load's clients share a connection, as the goroutines of one
// controller do.
const clientsPerConnection = 8

// connections makes the clients for so many workers; worker i uses element i.
func connections(workers int, make func() (*client, error)) ([]*client, error) {
	var out []*client
	for i := range workers {
		if i%clientsPerConnection != 0 {
			out = append(out, out[i-1])
			continue
		}
		c, err := make()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// requests measures requests to a server; request i is made by of.
func requests(ctx context.Context, p process, connect func() (*client, error), n, workers int, of func(i int) request) (measure, error) {
	clients, err := connections(workers, connect)
	if err != nil {
		return measure{}, err
	}
	defer func() {
		for _, c := range clients {
			c.http.CloseIdleConnections()
		}
	}()
	for _, c := range clients { // shakes hands before the clock runs
		if _, err := c.do(ctx, request{method: "GET", path: "/readyz"}); err != nil {
			return measure{}, err
		}
	}
	return load(ctx, p, n, workers, func(ctx context.Context, worker, i int) error {
		_, err := clients[worker].do(ctx, of(i))
		return err
	})
}
