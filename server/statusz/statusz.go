// Package statusz answers /statusz and /flagz, which tell people and tools what a server is and how it was
// started (KEP-4827, KEP-4828), and /debug/flags, which changes how much it logs. Callers: server.
package statusz

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/server/request"
)

// Server is what the pages tell.
type Server struct {
	Name      string // "apiserver"
	Started   time.Time
	Now       func() time.Time
	Go        string
	Binary    string
	Emulation string
	Paths     []string
	// Flags are those the server was started with, and their values.
	Flags map[string]string
}

const (
	group   = "config.k8s.io"
	version = "v1beta1"
	warning = "Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only."
)

// types are those the pages have. The last needs no parameters.
var types = []string{"application/json", "application/yaml", "text/plain"}

// ServeStatus answers /statusz.
func (s *Server) ServeStatus(w http.ResponseWriter, r *request.Request) error {
	up := s.Now().Sub(s.Started)
	return s.serve(w, r, "Statusz", func() string {
		seconds := int(up.Seconds())
		return fmt.Sprintf("\n%s statusz\n%s\n\nStarted: %s\nUp: %d hr %02d min %02d sec\nGo version: %s\nBinary version: %s\nEmulation version: %s\nPaths: %s\n",
			s.Name, warning, s.Started.UTC().Format(time.UnixDate), seconds/3600, seconds/60%60, seconds%60, s.Go, s.Binary, s.Emulation, strings.Join(s.Paths, " "))
	}, func(out map[string]any) {
		out["startTime"], out["uptimeSeconds"] = s.Started.UTC().Format(time.RFC3339), int(up.Seconds())
		out["goVersion"], out["binaryVersion"], out["emulationVersion"], out["paths"] = s.Go, s.Binary, s.Emulation, s.Paths
	})
}

// ServeFlags answers /flagz.
func (s *Server) ServeFlags(w http.ResponseWriter, r *request.Request) error {
	return s.serve(w, r, "Flagz", func() string {
		var b strings.Builder
		fmt.Fprintf(&b, "\n%s flagz\n%s\n\n", s.Name, warning)
		for _, name := range slices.Sorted(maps.Keys(s.Flags)) {
			fmt.Fprintf(&b, "%s=%s\n", name, s.Flags[name])
		}
		return b.String()
	}, func(out map[string]any) { out["flags"] = s.Flags })
}

// serve answers in the form asked for: a text, or an object whose fields fill adds.
func (s *Server) serve(w http.ResponseWriter, r *request.Request, kind string, text func() string, fill func(map[string]any)) error {
	media := negotiate(r.HTTP.Header.Get("Accept"), kind)
	h := w.Header()
	switch media {
	case "":
		return notAcceptable()
	case "text/plain":
		h.Set("Content-Type", "text/plain; charset=utf-8")
		_, err := w.Write([]byte(text()))
		return err
	}
	out := map[string]any{"apiVersion": group + "/" + version, "kind": kind, "metadata": map[string]any{"name": s.Name}}
	fill(out)
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	body = append(body, '\n')
	if media == "application/yaml" {
		if body, err = yaml.JSONToYAML(body); err != nil {
			return err
		}
	}
	h.Set("Content-Type", fmt.Sprintf("%s;g=%s;v=%s;as=%s", media, group, version, kind))
	_, err = w.Write(body)
	return err
}

// negotiate returns the first media type that the client accepts and there is; "" for none. Objects must be
// asked for by group, version and kind.
func negotiate(accept, kind string) string {
	if strings.TrimSpace(accept) == "" {
		return "text/plain"
	}
	for clause := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(clause, ";")
		name = strings.TrimSpace(name)
		switch {
		case name == "*/*" || name == "text/*":
			return "text/plain"
		case !slices.Contains(types, name):
			continue
		case name == "text/plain" || asksFor(parameters, kind):
			return name
		}
	}
	return ""
}

func asksFor(parameters, kind string) bool {
	want := map[string]string{"g": group, "v": version, "as": kind}
	for p := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if want[key] == value {
			delete(want, key)
		}
	}
	return len(want) == 0
}

func notAcceptable() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
		Message: "only the following media types are accepted: " + strings.Join(types, ", "),
	}}
}
