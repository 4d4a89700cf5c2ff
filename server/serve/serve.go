// Package serve is stage 0: TLS and HTTP/2, a record for each request with its audit id, the URL read into
// the record, the guard against panics, and the deadline of requests that are not long-running. The list
// of the stages that follow is server/pipeline.go; this package runs it.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/uuid"

	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

// A Stage is one step of a request's way. Run adds to the record; it reports done when it has answered.
// An error ends the way and becomes the answer.
type Stage struct {
	Name string
	Run  func(w http.ResponseWriter, r *request.Request) (done bool, err error)
}

// Config is what a handler is made of.
type Config struct {
	Stages []Stage
	Log    *slog.Logger
	// Timeout is the deadline of a request that is not long-running, and the most a client may ask for.
	Timeout time.Duration
	// SlowAfter is how long a request takes that is worth a line in the log.
	SlowAfter time.Duration
	// Life ends when the server stops: watches and streams end with it. Nil: they go on.
	Life context.Context
	// Begun is told of each request when its URL has been read; nil for nobody.
	Begun func(r *request.Request)
	// Done is told of each request of which Begun was when it has ended; nil for nobody.
	Done func(r *request.Request, code int, size int64)
}

// Handler takes requests through the stages.
func Handler(c Config) http.Handler { return &handler{c} }

type handler struct{ Config }

func (h *handler) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	started := time.Now()
	r := &request.Request{HTTP: hr, Started: started, ID: auditID(hr)}
	rec := &recorder{ResponseWriter: w}
	if hr.Header.Get("Nave-Timeline") == "1" {
		rec.timeline = &r.Timeline
	}
	w.Header().Set("Audit-Id", r.ID)
	begun := false
	defer func() { // after end, which may answer
		if begun && h.Done != nil {
			h.Done(r, rec.code, rec.size)
		}
	}()
	defer h.end(rec, r)
	defer r.End()
	if err := parse(r); err != nil {
		http.Error(rec, err.Error(), http.StatusInternalServerError)
		return
	}
	if h.Begun != nil {
		h.Begun(r)
	}
	begun = true
	if !r.LongRunning() {
		timeout, err := h.timeout(r)
		if err != nil {
			respond.Error(rec, r, err)
			return
		}
		ctx, cancel := context.WithTimeout(hr.Context(), timeout)
		defer cancel()
		r.HTTP = hr.WithContext(ctx)
		if hr.Body != nil && hr.Body != http.NoBody {
			// A body that is still on its way then is not waited for. Where the connection cannot do that, it is none.
			http.NewResponseController(w).SetReadDeadline(started.Add(timeout)) //nolint:errcheck
		}
	} else if h.Life != nil {
		ctx, cancel := context.WithCancel(hr.Context())
		defer cancel()
		defer context.AfterFunc(h.Life, cancel)()
		r.HTTP = hr.WithContext(ctx)
	}
	for _, stage := range h.Stages {
		leave := r.Timeline.Enter(stage.Name)
		done, err := stage.Run(rec, r)
		switch {
		case err != nil:
			leave("deny", err.Error())
			respond.Error(rec, r, err)
			return
		case done:
			leave("answer", "")
			return
		}
		leave("allow", "")
	}
	http.NotFound(rec, hr)
}

// timeout is the request's own, if it names one within the server's.
func (h *handler) timeout(r *request.Request) (time.Duration, error) {
	text := r.Query.Get("timeout")
	if text == "" {
		return h.Timeout, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, apierrors.NewBadRequest(fmt.Sprintf("invalid timeout specified in the request URL - %v", err))
	}
	if d <= 0 || d > h.Timeout {
		return h.Timeout, nil
	}
	return d, nil
}

// end is what happens after every request: a panic becomes a 500, a slow request a line in the log.
func (h *handler) end(rec *recorder, r *request.Request) {
	if v := recover(); v != nil {
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		h.Log.Error("a request made the server panic", "method", r.HTTP.Method, "path", r.HTTP.URL.Path, "audit-id", r.ID, "panic", v, "stack", string(debug.Stack()))
		if rec.code != 0 {
			panic(http.ErrAbortHandler) // half an answer is on its way: the client must not take it for a whole
		}
		respond.Error(rec, r, apierrors.NewInternalError(fmt.Errorf("this request caused apiserver to panic. Look in the logs for details")))
	}
	if took := time.Since(r.Started); took > h.SlowAfter && !r.LongRunning() {
		h.Log.Warn("slow request", "method", r.HTTP.Method, "path", r.HTTP.URL.Path, "code", rec.code, "audit-id", r.ID, "took", took, "stages", r.Timeline.ServerTiming())
	}
}

// auditID takes the client's id, if it is of a bearable length, or makes one.
func auditID(hr *http.Request) string {
	const most = 64
	if id := hr.Header.Get("Audit-Id"); id != "" && len(id) <= most && !strings.ContainsAny(id, "\r\n") {
		return id
	}
	return string(uuid.NewUUID())
}

// recorder remembers what was answered. It passes on what streams and upgrades need.
type recorder struct {
	http.ResponseWriter
	code int
	size int64
	// timeline is to be told in a header; nil if nobody asked for it.
	timeline *request.Timeline
}

func (r *recorder) WriteHeader(code int) {
	if r.code == 0 && code >= 200 {
		r.code = code
		if r.timeline != nil {
			r.Header().Set("Server-Timing", r.timeline.ServerTiming())
		}
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.code == 0 {
		r.WriteHeader(http.StatusOK)
	}
	n, err := r.ResponseWriter.Write(p)
	r.size += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach Flush and Hijack.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
