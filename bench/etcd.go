package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/nave-k8s/nave/store/etcd"
)

// etcdCommand makes the bench the embedded etcd alone, with a load of its own: the limit of what writes can
// be.
const etcdCommand = "raw-etcd"

// rawEtcd is a running etcd, driven over its standard input and output.
type rawEtcd struct {
	command *exec.Cmd
	process process
	in      *json.Encoder
	out     *json.Decoder
	started time.Duration // from the start of the process until it served
}

// etcdOrder is one load: puts of fresh keys, or gets of those.
type etcdOrder struct {
	Get           bool
	N, Size, Many int // how often, of how many bytes, by how many clients
}

type etcdAnswer struct {
	Took, P50, P99 time.Duration
	Error          string
}

func startEtcd(dir string) (*rawEtcd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.Command(self, etcdCommand, dir)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		return nil, err
	}
	e := &rawEtcd{command: c, process: process(c.Process.Pid), in: json.NewEncoder(in), out: json.NewDecoder(out)}
	if _, err := e.answer(); err != nil {
		e.stop()
		return nil, err
	}
	e.started = time.Since(began)
	return e, nil
}

func (e *rawEtcd) stop() { stopCommand(e.command) }

func (e *rawEtcd) answer() (a etcdAnswer, err error) {
	if err := e.out.Decode(&a); err != nil {
		return a, fmt.Errorf("the etcd alone: %w", err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// do has a load run and measures it.
func (e *rawEtcd) do(o etcdOrder) (measure, error) {
	cpu := e.process.cpu()
	if err := e.in.Encode(o); err != nil {
		return measure{}, err
	}
	a, err := e.answer()
	return measure{ops: o.N, took: a.Took, cpu: e.process.cpu() - cpu, p50: a.P50, p99: a.P99}, err
}

// serveEtcd is the child: it starts etcd and does what it is told until in ends.
func serveEtcd(dir string, in io.Reader, out io.Writer) error {
	ctx := context.Background()
	s, err := etcd.Start(ctx, etcd.EmbeddedConfig{Dir: dir})
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // the process ends
	answers, orders := json.NewEncoder(out), json.NewDecoder(in)
	answers.Encode(etcdAnswer{}) //nolint:errcheck // the parent is there: ready
	keys := 0
	for {
		var o etcdOrder
		if err := orders.Decode(&o); err != nil {
			return nil //nolint:nilerr // the parent has ended
		}
		first := keys
		if !o.Get {
			keys += o.N
		}
		value := filler(o.Size)
		m, err := load(ctx, 0, o.N, o.Many, func(ctx context.Context, _, i int) error {
			if o.Get {
				_, _, err := s.Get(ctx, rawKey(i%max(1, keys)))
				return err
			}
			_, err := s.Create(ctx, rawKey(first+i), value, 0)
			return err
		})
		a := etcdAnswer{Took: m.took, P50: m.p50, P99: m.p99}
		if err != nil {
			a.Error = err.Error()
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

func rawKey(i int) string { return fmt.Sprintf("/registry/bench/default/object-%06d", i) }
