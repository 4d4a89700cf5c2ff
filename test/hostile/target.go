package hostile

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/test/up"
)

// What a hostile request may cost the server and those beside it.
const (
	maxTime   = 20 * time.Second // until the answer
	maxMemory = 1 << 30          // resident, at the peak
	maxWait   = 5 * time.Second  // of somebody else's small request meanwhile
)

// A target is the server under attack, with somebody beside who goes on working with it.
type target struct {
	*up.Server
	token string
	http  *http.Client

	beside *bystander
}

func newTarget(t *testing.T, flags ...string) *target {
	t.Helper()
	s := &target{Server: up.Start(t, flags...)}
	var err error
	if s.token, err = s.Token(); err != nil {
		t.Fatal(err)
	}
	s.http = s.Client(t)
	s.beside = watchBeside(t, s)
	return s
}

// tlsConfig is for connections by hand, for the given protocol.
func (s *target) tlsConfig(t *testing.T, protocol string) *tls.Config {
	t.Helper()
	c := s.Client(t).Transport.(*http.Transport).TLSClientConfig.Clone()
	c.NextProtos = []string{protocol}
	return c
}

func (s *target) address() string { return strings.TrimPrefix(s.URL, "https://") }

// An answer is what came back.
type answer struct {
	code   int
	status metav1.Status // where it was one
	body   []byte
	header http.Header
	took   time.Duration
}

// send sends one request.
func (s *target) send(ctx context.Context, method, path, contentType string, body []byte) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Accept", "application/json")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	started := time.Now()
	resp, err := s.http.Do(r)
	if err != nil {
		return answer{took: time.Since(started)}, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is only read
	a := answer{code: resp.StatusCode, header: resp.Header}
	a.body, err = io.ReadAll(resp.Body)
	a.took = time.Since(started)
	if err != nil {
		return a, err
	}
	json.Unmarshal(a.body, &a.status) //nolint:errcheck // it need not be one
	return a, nil
}

// must sends what has to work.
func (s *target) must(t *testing.T, method, path, contentType, body string) answer {
	t.Helper()
	a, err := s.send(context.Background(), method, path, contentType, []byte(body))
	if err != nil || a.code >= 300 {
		t.Fatalf("%s %s: %v %d %.300s", method, path, err, a.code, a.body)
	}
	return a
}

// memory returns what the process holds now, and held at most since the last call of forget.
func (s *target) memory(t *testing.T) (now, peak int64) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fmt.Sscanf(line, "VmRSS: %d kB", &now)  //nolint:errcheck // other lines do not match
		fmt.Sscanf(line, "VmHWM: %d kB", &peak) //nolint:errcheck
	}
	return now << 10, peak << 10
}

// forget makes the peak begin anew.
func (s *target) forget(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.Pid()), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// attack runs f and looks at what it cost the server and those beside.
func (s *target) attack(t *testing.T, f func()) {
	t.Helper()
	s.forget(t)
	before, _ := s.memory(t)
	s.beside.forget()
	started := time.Now()
	done := make(chan struct{})
	go s.protect(done)
	f()
	close(done)
	took := time.Since(started)
	if err := s.Wait(0); err == nil || !strings.Contains(err.Error(), "still runs") {
		t.Fatalf("the server is gone: %v", err)
	}
	now, peak := s.memory(t)
	wait, errs := s.beside.seen()
	t.Logf("%s; memory %d MB, at most %d, then %d; beside it at most %s", took.Round(time.Millisecond), before>>20, peak>>20, now>>20, wait.Round(time.Millisecond))
	if peak > maxMemory {
		t.Errorf("the server takes %d MB", peak>>20)
	}
	if wait > maxWait {
		t.Errorf("somebody else waits %s", wait)
	}
	for _, err := range errs {
		t.Errorf("somebody else: %v", err)
	}
}

// protect ends the server before it takes the machine with it.
func (s *target) protect(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(50 * time.Millisecond):
		}
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.Pid())); err == nil {
			var size, resident int64
			fmt.Sscan(string(text), &size, &resident) //nolint:errcheck // 0 harms nobody
			if resident*int64(os.Getpagesize()) > 3*maxMemory {
				s.Kill()
				return
			}
		}
	}
}

// A bystander reads a small object again and again, on connections of its own.
type bystander struct {
	mu   sync.Mutex
	wait time.Duration
	errs []error
}

func watchBeside(t *testing.T, s *target) *bystander {
	b := &bystander{}
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	own := *s
	own.http = s.Client(t)
	work.Go(func() {
		for ctx.Err() == nil {
			limited, cancel := context.WithTimeout(ctx, 2*maxWait)
			a, err := own.send(limited, "GET", "/api/v1/namespaces/default", "", nil)
			cancel()
			if err == nil && a.code != http.StatusOK {
				err = fmt.Errorf("%d %.200s", a.code, a.body)
			}
			b.mu.Lock()
			b.wait = max(b.wait, a.took)
			if err != nil && ctx.Err() == nil && len(b.errs) < 5 {
				b.errs = append(b.errs, err)
			}
			b.mu.Unlock()
			time.Sleep(20 * time.Millisecond)
		}
	})
	t.Cleanup(func() { stop(); work.Wait() })
	return b
}

func (b *bystander) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait, b.errs = 0, nil
}

func (b *bystander) seen() (time.Duration, []error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wait, b.errs
}
