package crash

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

var (
	rounds = flag.Int("rounds", 3, "how often to kill")
	seed   = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the random choices")
)

func TestKillWithEmbeddedEtcd(t *testing.T) {
	s := startServer(t)
	l := newLoad(t, s)
	for range *rounds {
		l.round(t, func() {
			s.Kill()
			s.start(t)
		})
	}
	l.report(t)
}

func TestKillWithRemoteEtcd(t *testing.T) {
	e := startEtcd(t)
	s := startServer(t, "--etcd-servers", "http://"+e.address)
	l := newLoad(t, s)
	for i := range *rounds {
		l.round(t, func() {
			switch i % 3 {
			case 0: // the server
				s.Kill()
				s.start(t)
			case 1: // the database alone: the server goes on with the next
				e.kill()
				e.start(t)
			case 2: // both
				e.kill()
				s.Kill()
				e.start(t)
				s.start(t)
			}
		})
	}
	l.report(t)
}

// A load is writers and watchers at work on one server.
type load struct {
	random  *rand.Rand
	kinds   []things // one for each kind, to look with
	writers []*writer
	number  int // of the round

	acknowledged atomic.Int64
	doubtful     int
}

const namespace = "crash"

func newLoad(t *testing.T, s *server) *load {
	t.Helper()
	t.Logf("-seed %d", *seed)
	l := &load{random: rand.New(rand.NewPCG(*seed, 0))}
	c := s.client(t, inJSON)
	makeNamespace(t, c, namespace)
	l.kinds = []things{configMaps(c, namespace), pods(s.client(t, inProtobuf), namespace)}
	for i := range 6 {
		c := s.client(t, []string{inJSON, inProtobuf}[i%2])
		own := []func() things{
			func() things { return configMaps(c, namespace) },
			func() things { return pods(c, namespace) },
		}[i/2%2]()
		l.writers = append(l.writers, newWriter(fmt.Sprintf("w%d", i), own, rand.New(rand.NewPCG(*seed, uint64(i)+1)), 5))
	}
	return l
}

// round lets the writers write, kills in the middle of it, and looks at what is left.
func (l *load) round(t *testing.T, kill func()) {
	t.Helper()
	if t.Failed() {
		return
	}
	l.number++
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	end := fmt.Sprintf("%s%d", endName, l.number)
	var watchers sync.WaitGroup
	began := make([]string, len(l.kinds))
	resumed := make([][]change, len(l.kinds))
	for i, k := range l.kinds {
		_, revision, err := k.list(ctx)
		if err != nil {
			t.Fatal(err)
		}
		began[i] = revision
		watchers.Go(func() {
			var err error
			if resumed[i], err = follow(ctx, k, revision, end); err != nil {
				t.Error(err)
			}
		})
	}
	l.write(ctx, t, kill)
	l.settle(ctx, t, end)
	watchers.Wait()
	for i, k := range l.kinds {
		replayed, err := follow(ctx, k, began[i], end)
		if err != nil {
			t.Error(err)
		}
		if d := differ(resumed[i], replayed); d != "" {
			t.Errorf("%s: a watch that went on and one of everything differ in %s", k.kind(), d)
		}
		for _, w := range l.writers {
			if w.things.kind() != k.kind() {
				continue
			}
			for _, text := range w.compare(resumed[i]) {
				t.Error(text)
			}
		}
	}
	for _, w := range l.writers {
		w.next()
	}
}

// write runs the writers until they have been killed in the middle of it.
func (l *load) write(ctx context.Context, t *testing.T, kill func()) {
	t.Helper()
	stop := make(chan struct{})
	var count atomic.Int64
	enough := make(chan struct{})
	after := int64(l.random.IntN(120))
	var once sync.Once
	var writers sync.WaitGroup
	for _, w := range l.writers {
		writers.Go(func() {
			err := w.run(ctx, stop, func() {
				l.acknowledged.Add(1)
				if count.Add(1) > after {
					once.Do(func() { close(enough) })
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	select {
	case <-enough:
	case <-ctx.Done():
		t.Error("the writers make no progress")
	}
	time.Sleep(time.Duration(l.random.IntN(10_000)) * time.Microsecond)
	kill()
	close(stop)
	writers.Wait()
	for _, w := range l.writers {
		for _, s := range w.stories {
			if s.doubt != nil {
				l.doubtful++
			}
		}
	}
}

// settle holds what is there against what was acknowledged, and tells the watchers that the round is over.
func (l *load) settle(ctx context.Context, t *testing.T, end string) {
	t.Helper()
	for _, k := range l.kinds {
		var there map[string]version
		err := again(ctx, func() (err error) {
			there, _, err = k.list(ctx)
			return err
		})
		if err != nil {
			t.Fatalf("nothing can be read after the kill: %v", err)
		}
		for _, w := range l.writers {
			if w.things.kind() == k.kind() {
				for _, text := range w.settle(there) {
					t.Error(text)
				}
			}
		}
		err = again(ctx, func() error {
			_, err := k.create(ctx, end, "end")
			if apierrors.IsAlreadyExists(err) {
				return nil
			}
			return err
		})
		if err != nil {
			t.Fatalf("nothing can be written after the kill: %v", err)
		}
	}
}

// again tries until it works: clients find out that their connections are dead, and the server that its database is back.
func again(ctx context.Context, f func() error) error {
	for {
		err := f()
		if err == nil || refused(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (l *load) report(t *testing.T) {
	t.Helper()
	t.Logf("%d rounds: %d writes acknowledged, %d in doubt", l.number, l.acknowledged.Load(), l.doubtful)
}
