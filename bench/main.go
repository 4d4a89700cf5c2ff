// Command bench measures an API server and prints a table: how fast it is, what CPU time each operation
// costs it, and how both compare with a limit that is measured in the same run. The limits are a bare
// HTTPS/2 server that writes the same bytes from memory (for reads) and the embedded etcd alone, called
// directly (for writes); both are child processes, so that their CPU time can be told from the load's.
//
//	go run ./bench                     build nave, start it, measure everything
//	go run ./bench -quick              the same with a tenth of the work
//	go run ./bench -run create,get     parts alone (-parts lists them)
//	go run ./bench -kubeconfig FILE    measure another API server; with -pid its CPU time, too
//
// Sizes are fixed, so two runs do the same work. The machine is not: compare ratios of one run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] { // what the bench starts of itself
		case bareCommand:
			exit(serveBare(os.Stdin, os.Stdout))
		case etcdCommand:
			exit(serveEtcd(os.Args[2], os.Stdin, os.Stdout))
		}
	}
	o := options{}
	flag.BoolVar(&o.quick, "quick", false, "a tenth of the work: to see that it works")
	flag.StringVar(&o.run, "run", "", "parts to run, comma separated; all if empty")
	flag.BoolVar(&o.list, "parts", false, "list the parts and end")
	flag.StringVar(&o.binary, "nave", "", "a nave binary, instead of building one")
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "measure the API server of this kubeconfig instead of starting nave")
	flag.IntVar(&o.pid, "pid", 0, "with -kubeconfig: the server's process, for CPU time and memory")
	flag.StringVar(&o.profile, "profile", "", "write a CPU profile of the server during each measurement into this folder")
	flag.StringVar(&o.dir, "dir", "", "folder for data; a temporary one if empty")
	flag.Parse()
	if o.list {
		for _, p := range parts() {
			fmt.Printf("%-10s %s\n", p.name, p.about)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(o.bench(ctx))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

type options struct {
	quick, list  bool
	run, binary  string
	kubeconfig   string
	pid          int
	profile, dir string
}

// chosen are the parts to run, in their order.
func (o *options) chosen() ([]part, error) {
	all := parts()
	if o.run == "" {
		return all, nil
	}
	want := map[string]bool{}
	for _, name := range strings.Split(o.run, ",") {
		want[name] = true
	}
	var out []part
	for _, p := range all {
		if want[p.name] {
			out = append(out, p)
			delete(want, p.name)
		}
	}
	for name := range want {
		return nil, fmt.Errorf("there is no part %q; -parts lists them", name)
	}
	return out, nil
}

// bench runs the chosen parts and prints the table line by line.
func (o *options) bench(ctx context.Context) error {
	chosen, err := o.chosen()
	if err != nil {
		return err
	}
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	defer b.close()
	b.table.head()
	for _, p := range chosen {
		if err := p.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return ctx.Err()
}
