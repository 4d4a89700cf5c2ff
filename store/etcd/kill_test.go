package etcd_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store/etcd"
)

// writeTo, in the environment, makes this test binary a writer to that folder until it is killed.
const writeTo = "NAVE_TEST_WRITE_TO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writeTo); dir != "" {
		writeForever(dir)
	}
	os.Exit(m.Run())
}

// writeForever prints the key and revision of every write that was acknowledged.
func writeForever(dir string) {
	s, err := etcd.Start(context.Background(), etcd.EmbeddedConfig{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for w := range 8 {
		go func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("/registry/%d/%d/%d", os.Getpid(), w, n)
				rev, err := s.Create(context.Background(), key, make([]byte, 500), 0)
				if err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				fmt.Println(key, rev)
			}
		}()
	}
	select {}
}

// writer runs a process that writes, and tells what it acknowledged once it is dead.
type writer struct {
	cmd   *exec.Cmd
	ready chan struct{}
	done  sync.WaitGroup
	acked map[string]int64
	err   string
}

func startWriter(t *testing.T, dir string) *writer {
	t.Helper()
	w := &writer{cmd: exec.Command(os.Args[0]), ready: make(chan struct{}), acked: map[string]int64{}}
	w.cmd.Env = append(os.Environ(), writeTo+"="+dir)
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.done.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			line := lines.Text()
			var key string
			var rev int64
			switch n, _ := fmt.Sscan(line, &key, &rev); {
			case key == "error":
				w.err = line
			case n == 2:
				if len(w.acked) == 0 {
					close(w.ready) // it writes: from now on it may be killed at any time
				}
				w.acked[key] = rev
			}
		}
	})
	select {
	case <-w.ready:
	case <-time.After(time.Minute):
		t.Fatal("the writer does not write")
	}
	return w
}

func (w *writer) kill() {
	w.cmd.Process.Kill()
	w.done.Wait() // all that it had printed
	w.cmd.Wait()
}

func TestAcknowledgedWritesSurviveAKill(t *testing.T) {
	dir := t.TempDir()
	acked := map[string]int64{}
	for range 5 {
		w := startWriter(t, dir)
		time.Sleep(time.Duration(50+rand.IntN(150)) * time.Millisecond)
		w.kill()
		if w.err != "" || len(w.acked) == 0 {
			t.Fatalf("%d writes, %s", len(w.acked), w.err)
		}
		for key, rev := range w.acked {
			acked[key] = rev
		}
	}
	s := start(t, dir)
	defer s.Close()
	for key, rev := range acked {
		kv, _, err := s.Get(t.Context(), key)
		if err != nil || kv == nil || kv.Revision != rev {
			t.Fatalf("%s, acknowledged at %d, is %+v, %v", key, rev, kv, err)
		}
	}
	t.Logf("%d writes", len(acked))
}

func TestRefusesAFolderThatAnotherProcessUses(t *testing.T) {
	dir := t.TempDir()
	w := startWriter(t, dir)
	defer w.kill()
	began := time.Now()
	_, err := etcd.Start(t.Context(), etcd.EmbeddedConfig{Dir: dir})
	var locked *etcd.LockedError
	if !errors.As(err, &locked) || locked.Dir != dir || time.Since(began) > time.Second {
		t.Fatalf("after %v: %v, want a LockedError", time.Since(began), err)
	}
}
