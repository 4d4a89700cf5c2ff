package server

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/nave-k8s/nave/server/request"
)

func TestProfiles(t *testing.T) {
	for _, c := range []struct {
		path string
		code int // 0: not served
	}{
		{"/debug/pprof", http.StatusFound},
		{"/debug/pprof/", http.StatusOK},
		{"/debug/pprof/heap", http.StatusOK},
		{"/debug/pprof/cmdline", http.StatusNotFound},
		{"/debug/pprofs", 0},
		{"/debug", 0},
	} {
		w := httptest.NewRecorder()
		r := &request.Request{Path: c.path, HTTP: httptest.NewRequest("GET", c.path, nil)}
		if served := profiles(w, r); served != (c.code != 0) || served && w.Code != c.code {
			t.Errorf("%s: served %v, code %d, want %d", c.path, served, w.Code, c.code)
		}
	}
}
