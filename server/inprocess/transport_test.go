package inprocess

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, h http.HandlerFunc) *http.Response {
	t.Helper()
	c := http.Client{Transport: &Transport{Handler: h}}
	resp, err := c.Get("https://nave/path?x=1")
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestAnswer(t *testing.T) {
	resp := get(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.RequestURI)
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-Late", "1")
		fmt.Fprint(w, "short and stout")
	})
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "short and stout" || resp.StatusCode != http.StatusTeapot {
		t.Errorf("got %d %q, %v", resp.StatusCode, body, err)
	}
	if resp.Header.Get("X-Seen") != "/path?x=1" || resp.Header.Get("X-Late") != "" {
		t.Errorf("headers are %v", resp.Header)
	}
}

func TestNothingWritten(t *testing.T) {
	resp := get(t, func(http.ResponseWriter, *http.Request) {})
	if body, err := io.ReadAll(resp.Body); err != nil || len(body) != 0 || resp.StatusCode != http.StatusOK {
		t.Errorf("got %d %q, %v", resp.StatusCode, body, err)
	}
}

// TestStream: what is written arrives at once, and closing the body ends the handler.
func TestStream(t *testing.T) {
	ended := make(chan struct{})
	resp := get(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first\n")
		<-r.Context().Done()
		close(ended)
	})
	line := make([]byte, 6)
	if _, err := io.ReadFull(resp.Body, line); err != nil || string(line) != "first\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	resp.Body.Close()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the handler goes on after its reader has gone")
	}
}

func TestAbort(t *testing.T) {
	resp := get(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		panic(http.ErrAbortHandler)
	})
	if body, err := io.ReadAll(resp.Body); err != io.ErrUnexpectedEOF {
		t.Errorf("half an answer was taken for a whole: %q, %v", body, err)
	}
}

func TestUpgradeIsRefused(t *testing.T) {
	req, _ := http.NewRequest(http.MethodGet, "https://nave/x", strings.NewReader(""))
	req.Header.Set("Upgrade", "SPDY/3.1")
	if _, err := (&Transport{}).RoundTrip(req); err == nil {
		t.Error("an upgrade was not refused")
	}
}
