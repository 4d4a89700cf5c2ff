package health

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/nave-k8s/nave/server/request"
)

func TestChecks(t *testing.T) {
	broken := false
	c := &Checks{
		Common: []Check{{Name: "ping", Run: func(*request.Request) error { return nil }}},
		Ready: []Check{{Name: "etcd-readiness", Run: func(*request.Request) error {
			if broken {
				return errors.New("away")
			}
			return nil
		}}},
	}
	done := c.Hook("rbac/bootstrap-roles")
	observed := map[string]int{}
	c.Observe = func(kind, name string, err error) { observed[fmt.Sprint(kind, " ", name, " ", err == nil)]++ }
	ask := func(url string, code int, body string) {
		t.Helper()
		hr := httptest.NewRequest("GET", url, nil)
		w := httptest.NewRecorder()
		if !c.Serve(w, &request.Request{HTTP: hr, Query: request.ParseQuery(hr.URL.RawQuery)}) {
			t.Errorf("%s is not served", url)
		}
		if w.Code != code || w.Body.String() != body {
			t.Errorf("%s: %d %q, want %d %q", url, w.Code, w.Body, code, body)
		}
	}
	ask("/livez", 500, "[+]ping ok\n[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\nlivez check failed\n")
	ask("/livez?exclude=poststarthook/rbac/bootstrap-roles", 200, "ok")
	ask("/livez/poststarthook/rbac/bootstrap-roles", 500, "internal server error: not finished\n")
	done()
	ask("/livez", 200, "ok")
	ask("/healthz/ping", 200, "ok")
	ask("/healthz/etcd-readiness", 404, "404 page not found\n")
	ask("/readyz?verbose", 200, "[+]ping ok\n[+]poststarthook/rbac/bootstrap-roles ok\n[+]etcd-readiness ok\n[+]shutdown ok\nreadyz check passed\n")
	broken = true
	ask("/readyz/etcd-readiness", 500, "internal server error: away\n")
	ask("/livez", 200, "ok")
	broken = false
	c.Stop()
	ask("/readyz", 500, "[+]ping ok\n[+]poststarthook/rbac/bootstrap-roles ok\n[+]etcd-readiness ok\n[-]shutdown failed: reason withheld\nreadyz check failed\n")
	ask("/livez?exclude=nosuch&verbose", 200, "[+]ping ok\n[+]poststarthook/rbac/bootstrap-roles ok\nwarn: some health checks cannot be excluded: no matches for \"nosuch\"\nlivez check passed\n")
	if observed["readyz etcd-readiness false"] != 1 || observed["livez ping true"] == 0 {
		t.Errorf("observed %v", observed)
	}
}
