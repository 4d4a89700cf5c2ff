package statusz

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nave-k8s/nave/server/request"
)

func ask(t *testing.T, serve func(http.ResponseWriter, *request.Request) error, accept string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	hr := httptest.NewRequest(http.MethodGet, "/statusz", nil)
	if accept != "" {
		hr.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	return w, serve(w, &request.Request{HTTP: hr})
}

func TestPages(t *testing.T) {
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := &Server{
		Name: "apiserver", Started: started, Now: func() time.Time { return started.Add(3723 * time.Second) },
		Go: "go1", Binary: "1.37.2", Emulation: "1.37", Paths: []string{"/healthz", "/version"},
		Flags: map[string]string{"v": "2", "secure-port": "6443"},
	}
	w, err := ask(t, s.ServeStatus, "")
	if err != nil || !strings.Contains(w.Body.String(), "Up: 1 hr 02 min 03 sec\n") || !strings.Contains(w.Body.String(), "Paths: /healthz /version\n") {
		t.Errorf("%v %s", err, w.Body)
	}
	w, err = ask(t, s.ServeStatus, "application/json;v=v1beta1;g=config.k8s.io;as=Statusz")
	var got map[string]any
	if err != nil || json.Unmarshal(w.Body.Bytes(), &got) != nil || got["uptimeSeconds"] != 3723.0 || got["startTime"] != "2026-01-02T03:04:05Z" {
		t.Errorf("%v %s", err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json;g=config.k8s.io;v=v1beta1;as=Statusz" {
		t.Errorf("type %s", got)
	}
	w, err = ask(t, s.ServeFlags, "application/yaml;v=v1beta1;g=config.k8s.io;as=Flagz")
	if err != nil || !strings.Contains(w.Body.String(), "secure-port: \"6443\"\n") {
		t.Errorf("%v %s", err, w.Body)
	}
	w, err = ask(t, s.ServeFlags, "text/plain")
	if err != nil || !strings.HasSuffix(w.Body.String(), "\n\nsecure-port=6443\nv=2\n") {
		t.Errorf("%v %s", err, w.Body)
	}
	for _, accept := range []string{"application/json", "application/json;v=v1beta1;g=config.k8s.io;as=Flagz", "image/png"} {
		if _, err := ask(t, s.ServeStatus, accept); err == nil || !strings.Contains(err.Error(), "application/json, application/yaml, text/plain") {
			t.Errorf("%s: %v", accept, err)
		}
	}
}

func TestVerbosity(t *testing.T) {
	level := 0
	v := Verbosity{Set: func(n int) { level = n }}
	for _, c := range []struct {
		method, path, body string
		served             bool
		code, level        int
	}{
		{"GET", "/debug/flags", "", true, 200, 0},
		{"PUT", "/debug/flags/v", "4", true, 200, 4},
		{"PUT", "/debug/flags/v", "x", true, 400, 4},
		{"GET", "/debug/flags/v", "", true, 405, 4},
		{"GET", "/debug/flags/w", "", false, 200, 4},
		{"GET", "/debug", "", false, 200, 4},
	} {
		w := httptest.NewRecorder()
		served := v.Serve(w, &request.Request{HTTP: httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)), Path: c.path})
		if served != c.served || w.Code != c.code || level != c.level {
			t.Errorf("%s %s %s: %v %d, level %d", c.method, c.path, c.body, served, w.Code, level)
		}
	}
}
