package lifecycle

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nave-k8s/nave/test/up"
)

// TestStop sends the signals that ask a process to end. Requests in flight are answered, watches end as if they
// had timed out, and the process is gone within a second.
func TestStop(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := up.Start(t)
			watch := openWatch(t, server)
			create := beginCreate(t, server)

			signalled := time.Now()
			if err := server.Signal(sig); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // the server is stopping when the rest of the request comes
			if code := create.finish(); code != http.StatusCreated {
				t.Errorf("the request in flight is answered with %d", code)
			}
			if err := server.Wait(10 * time.Second); err != nil {
				t.Errorf("the process ended with %v", err)
			}
			if took := time.Since(signalled); took > time.Second {
				t.Errorf("it took %s", took)
			}
			if _, err := io.ReadAll(watch); err != nil {
				t.Errorf("the watch ended with %v", err)
			}
			if log := server.Stderr(); log != "" {
				t.Errorf("it wrote:\n%s", log)
			}

			again := up.StartIn(t, server.DataDir)
			if code := get(t, again, "/api/v1/namespaces/default/configmaps/slow"); code != http.StatusOK {
				t.Errorf("what was created at the end is answered with %d", code)
			}
		})
	}
}

// TestStopWithoutWork stops a server that does nothing.
func TestStopWithoutWork(t *testing.T) {
	t.Parallel()
	server := up.Start(t)
	signalled := time.Now()
	server.Stop(t)
	if took := time.Since(signalled); took > time.Second {
		t.Errorf("it took %s", took)
	}
}

// openWatch begins a watch and reads its first event.
func openWatch(t *testing.T, server *up.Server) *bufio.Reader {
	t.Helper()
	answer := do(t, server, http.MethodGet, "/api/v1/namespaces?watch=1", "", nil)
	t.Cleanup(func() { answer.Body.Close() }) //nolint:errcheck // the test is over
	events := bufio.NewReader(answer.Body)
	if line, err := events.ReadString('\n'); err != nil || !strings.HasPrefix(line, `{"type":"ADDED"`) {
		t.Fatalf("the watch begins with %q %v", line, err)
	}
	return events
}

// A slowCreate is a request whose body has not come yet.
type slowCreate struct {
	body *io.PipeWriter
	code chan int
}

func beginCreate(t *testing.T, server *up.Server) *slowCreate {
	t.Helper()
	read, write := io.Pipe()
	c := &slowCreate{body: write, code: make(chan int, 1)}
	go func() {
		answer, err := send(t, server, http.MethodPost, "/api/v1/namespaces/default/configmaps", "application/json", read)
		if err != nil {
			t.Error(err)
			c.code <- 0
			return
		}
		answer.Body.Close() //nolint:errcheck // only the code counts
		c.code <- answer.StatusCode
	}()
	io.WriteString(write, `{"apiVersion":"v1","kind":"ConfigMap",`) //nolint:errcheck // the answer tells
	return c
}

func (c *slowCreate) finish() int {
	io.WriteString(c.body, `"metadata":{"name":"slow"}}`) //nolint:errcheck // the answer tells
	c.body.Close()                                        //nolint:errcheck // as io.PipeWriter says
	return <-c.code
}

// answers is an error when the server does not serve.
func answers(t *testing.T, server *up.Server) {
	t.Helper()
	if code := get(t, server, "/api/v1/namespaces/default"); code != http.StatusOK {
		t.Errorf("the server answers with %d", code)
	}
}

func get(t *testing.T, server *up.Server, path string) (code int) {
	t.Helper()
	answer := do(t, server, http.MethodGet, path, "", nil)
	answer.Body.Close() //nolint:errcheck // only the code counts
	return answer.StatusCode
}

// do sends a request as the administrator.
func do(t *testing.T, server *up.Server, method, path, contentType string, body io.Reader) *http.Response {
	t.Helper()
	answer, err := send(t, server, method, path, contentType, body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func send(t *testing.T, server *up.Server, method, path, contentType string, body io.Reader) (*http.Response, error) {
	request, requestErr := http.NewRequestWithContext(t.Context(), method, server.URL+path, body)
	token, tokenErr := server.Token()
	if err := errors.Join(requestErr, tokenErr); err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", contentType)
	return server.Client(t).Do(request)
}
