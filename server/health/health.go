// Package health answers /healthz, /livez and /readyz and their paths for single checks. The checks are
// named as kube-apiserver names them (those of facts that Nave has a part for).
package health

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/nave-k8s/nave/server/request"
)

// A Check is one thing that must be well. Run returns what is wrong with it.
type Check struct {
	Name string
	Run  func(r *request.Request) error
}

// Checks are all checks of a server.
type Checks struct {
	Common []Check // of /healthz, /livez and /readyz
	Live   []Check // of /livez and /healthz besides
	Ready  []Check // of /readyz besides
	// Observe hears how each check came out; nil for nobody.
	Observe func(kind, name string, err error)
	// stopping makes /readyz fail, so that load balancers send nothing more.
	stopping atomic.Bool
}

// Hook adds a check, of all three, that fails until done is called. It is for the time before the first request.
func (c *Checks) Hook(name string) (done func()) {
	var finished atomic.Bool
	c.Common = append(c.Common, Check{Name: "poststarthook/" + name, Run: func(*request.Request) error {
		if !finished.Load() {
			return errors.New("not finished")
		}
		return nil
	}})
	return func() { finished.Store(true) }
}

func (c *Checks) run(kind string, check Check, r *request.Request) error {
	err := check.Run(r)
	if c.Observe != nil {
		c.Observe(kind, check.Name, err)
	}
	return err
}

// Stop makes the server not ready from now on.
func (c *Checks) Stop() { c.stopping.Store(true) }

// Serve answers a health path; it reports false if the path is none.
func (c *Checks) Serve(w http.ResponseWriter, r *request.Request) bool {
	kind, name, one := strings.Cut(strings.TrimPrefix(r.HTTP.URL.Path, "/"), "/")
	var checks []Check
	switch kind {
	case "healthz", "livez":
		checks = slices.Concat(c.Common, c.Live)
	case "readyz":
		checks = slices.Concat(c.Common, c.Ready, []Check{{"shutdown", func(*request.Request) error {
			if c.stopping.Load() {
				return fmt.Errorf("process is shutting down")
			}
			return nil
		}}})
	default:
		return false
	}
	if one {
		i := slices.IndexFunc(checks, func(c Check) bool { return c.Name == name })
		if i < 0 {
			http.NotFound(w, r.HTTP)
			return true
		}
		if err := c.run(kind, checks[i], r); err != nil {
			http.Error(w, fmt.Sprintf("internal server error: %v", err), http.StatusInternalServerError)
			return true
		}
		text(w, "ok")
		return true
	}
	c.all(w, r, kind, checks)
	return true
}

func (c *Checks) all(w http.ResponseWriter, r *request.Request, kind string, checks []Check) {
	excluded := map[string]bool{}
	for _, v := range r.Query["exclude"] {
		excluded[v] = true
	}
	var out bytes.Buffer
	var failed []string
	for _, check := range checks {
		if excluded[check.Name] {
			delete(excluded, check.Name)
			fmt.Fprintf(&out, "[+]%s excluded: ok\n", check.Name)
			continue
		}
		if err := c.run(kind, check, r); err != nil {
			failed = append(failed, check.Name)
			fmt.Fprintf(&out, "[-]%s failed: reason withheld\n", check.Name)
			continue
		}
		fmt.Fprintf(&out, "[+]%s ok\n", check.Name)
	}
	if len(excluded) > 0 {
		names := make([]string, 0, len(excluded))
		for n := range excluded {
			names = append(names, fmt.Sprintf("%q", n))
		}
		slices.Sort(names)
		fmt.Fprintf(&out, "warn: some health checks cannot be excluded: no matches for %s\n", strings.Join(names, ","))
	}
	if len(failed) > 0 {
		http.Error(w, fmt.Sprintf("%s%s check failed", out.String(), kind), http.StatusInternalServerError)
		return
	}
	if !r.Query.Has("verbose") {
		text(w, "ok")
		return
	}
	text(w, fmt.Sprintf("%s%s check passed\n", out.String(), kind))
}

func text(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	fmt.Fprint(w, body) //nolint:errcheck // the client is gone: nobody is left to tell
}
