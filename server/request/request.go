// Package request holds the record of one request, which every stage of the server reads and adds to. It
// is a leaf: stages import it, it imports none of them. A Request belongs to the goroutine that serves it.
package request

import (
	"net/http"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
)

// A Request is what is known of one request. Stage 0 fills in the first half from the URL, authn the
// user; every stage appends to the timeline.
type Request struct {
	ID      string // audit id, answered as Audit-Id
	HTTP    *http.Request
	Started time.Time

	// Of the URL, as https://kubernetes.io/docs/reference/using-api/api-concepts/ has it.
	Path        string // without a trailing slash where routing ignores it
	IsResource  bool   // /api/VERSION/... or /apis/GROUP/VERSION/... with a resource
	Verb        string // get, list, watch, create, update, patch, delete, deletecollection, or the method in lower case
	Group       string
	Version     string
	Resource    string
	Subresource string
	Namespace   string
	Name        string
	Malformed   bool     // the path has empty segments where none may be
	Selected    string   // the name in a field selector metadata.name=NAME of a list or watch
	Parts       []string // the path from the resource on: [pods a exec], [services a proxy x y]
	Query       Query

	User authenticationv1.UserInfo
	// Impersonator is who really asks, where User is impersonated; Constraint is the verb that allowed it,
	// "" for the unconstrained one.
	Impersonator *authenticationv1.UserInfo
	Constraint   string

	Timeline Timeline
	// Watch hears of what a watch sends; nil for nobody.
	Watch WatchObserver

	warnings    []string
	ends        []func()
	settled     []func()
	Annotations map[string]string // audit annotations
}

// maxWarnings is how many texts are kept: more than a client is told in any case.
const maxWarnings = 4096

// Warn adds a text for a Warning header, once.
func (r *Request) Warn(text string) {
	if text == "" || len(r.warnings) == maxWarnings {
		return
	}
	for _, w := range r.warnings {
		if w == text {
			return
		}
	}
	r.warnings = append(r.warnings, text)
}

// Warnings returns the texts added, in order.
func (r *Request) Warnings() []string { return r.warnings }

// Annotate adds an audit annotation; the first value of a key stays.
func (r *Request) Annotate(key, value string) {
	if r.Annotations == nil {
		r.Annotations = map[string]string{}
	}
	if _, ok := r.Annotations[key]; !ok {
		r.Annotations[key] = value
	}
}

// ReadOnly reports whether the request's verb changes nothing.
func (r *Request) ReadOnly() bool {
	switch r.Verb {
	case "get", "list", "watch", "head", "options":
		return true
	}
	return false
}

// LongRunning reports whether the request has no deadline of the server: watches, and streams to nodes.
func (r *Request) LongRunning() bool {
	switch {
	case r.Verb == "watch":
		return true
	case r.IsResource:
		switch r.Subresource {
		case "exec", "attach", "portforward", "proxy", "log":
			return true
		}
	}
	return strings.HasPrefix(r.Path, "/debug/pprof")
}

// OnSettled keeps a function to be called when the costly beginning of a long-running request is over, or when
// the request is.
func (r *Request) OnSettled(f func()) { r.settled = append(r.settled, f) }

// Settled says that it is over: what follows costs little. A watch is settled once it has sent what there is.
func (r *Request) Settled() {
	for _, f := range r.settled {
		f()
	}
	r.settled = nil
}

// OnEnd keeps a function to be called when the request has been answered.
func (r *Request) OnEnd(f func()) { r.ends = append(r.ends, f) }

// End calls what OnEnd kept, the last first. Stage 0 is the only caller.
func (r *Request) End() {
	r.Settled()
	for i := len(r.ends) - 1; i >= 0; i-- {
		r.ends[i]()
	}
}

// A WatchObserver hears of what a watch sends.
type WatchObserver interface {
	Sent(bytes int) // an event
	Listed()        // all objects there were
}
