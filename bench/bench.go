package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// bench is what parts work with.
type bench struct {
	options *options
	dir     string
	own     bool // dir is to be removed
	server  *target
	bare    *bare
	etcd    *rawEtcd
	table   *table
	binary  string
	pods    int // how many there are
}

func newBench(ctx context.Context, o *options) (b *bench, err error) {
	b = &bench{options: o, dir: o.dir, table: &table{out: os.Stdout}}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.dir == "" {
		b.own = true
		if b.dir, err = os.MkdirTemp("", "nave-bench-"); err != nil {
			return b, err
		}
	}
	if b.bare, err = startBare(); err != nil {
		return b, err
	}
	if b.etcd, err = startEtcd(filepath.Join(b.dir, "raw")); err != nil {
		return b, err
	}
	if o.kubeconfig != "" {
		b.server, err = targetOf(o.kubeconfig, o.pid)
		return b, err
	}
	if b.binary, err = b.build(ctx); err != nil {
		return b, err
	}
	b.server, err = startNave(ctx, b.binary, filepath.Join(b.dir, "nave"))
	return b, err
}

// build makes the server's binary, so that what is measured is what stands here.
func (b *bench) build(ctx context.Context) (string, error) {
	if b.options.binary != "" {
		return b.options.binary, nil
	}
	binary := filepath.Join(b.dir, "nave.bin")
	c := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/nave-k8s/nave/cmd/nave")
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("build nave: %w", err)
	}
	return binary, nil
}

func (b *bench) close() {
	if b.server != nil {
		b.server.stop()
	}
	if b.bare != nil {
		b.bare.stop()
	}
	if b.etcd != nil {
		b.etcd.stop()
	}
	if b.own {
		os.RemoveAll(b.dir) //nolint:errcheck // a temporary folder
	}
}

// n is how much of the work to do.
func (b *bench) n(full int) int {
	if b.options.quick {
		return max(1, full/10)
	}
	return full
}
