// Package flow is stage 2: is there room. Fair divides the room by the objects of flowcontrol.apiserver.k8s.io
// (KEP-1040): the first flow schema that matches a request says at which priority level it is served, and
// which flow it is of. Each level has a number of seats; levels that need few lend theirs. Within a level
// requests that find no seat wait in queues, a few of many for each flow, and the queues take turns: who asks
// for much waits for himself. Limits is the simple bound that stands in when fairness is off.
//
// Callers: server, which puts one of them into the pipeline and tells Fair of the objects.
package flow

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"

	"github.com/nave-k8s/nave/server/request"
)

// Observer gives, for each flow schema and its level, who is told what happens to its requests, for metrics.
type Observer func(schema, level string) Counts

// Counts are told of requests of one flow schema. Their methods must not block.
type Counts interface {
	// Dispatched: a request has got so many seats; Released: it has given them back.
	Dispatched(seats int)
	Released(seats int)
	Rejected(reason string)
	// Queued: a request waits; Waited: it does no longer, and whether it was served then.
	Queued()
	Waited(served bool, d time.Duration)
}

// Config is what Fair is made of.
type Config struct {
	// Seats are all there are.
	Seats int
	// Wait is the longest that a request waits for a seat; a request's own deadline can make it shorter.
	Wait time.Duration
	// Count is how many objects there are of a resource, as far as that is known; nil: lists cost as
	// much as anything else.
	Count func(group, plural string) int
	Now   func() time.Time
}

// Fair is the stage. Its methods may be called by many goroutines.
type Fair struct {
	Config
	plan atomic.Pointer[plan]

	mu      sync.Mutex // of what follows, which plans are made of
	schemas map[string]*flowcontrolv1.FlowSchema
	configs map[string]*flowcontrolv1.PriorityLevelConfiguration
	levels  map[string]*level
	observe Observer
	changed chan struct{} // has something in it when the objects have changed
}

// NewFair returns a stage that knows only the levels and schemas that are always there.
func NewFair(c Config) *Fair {
	f := &Fair{
		Config: c, schemas: map[string]*flowcontrolv1.FlowSchema{},
		configs: map[string]*flowcontrolv1.PriorityLevelConfiguration{}, levels: map[string]*level{}, changed: make(chan struct{}, 1),
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remake()
	return f
}

// Names of the headers that say how a request was classified, as net/http keys them.
const (
	schemaHeader = "X-Kubernetes-Pf-Flowschema-Uid"
	levelHeader  = "X-Kubernetes-Pf-Prioritylevel-Uid"
)

// Run finds the request a seat, which it keeps to its end; if none comes free in time, the answer is 429. A
// watch keeps its seat until its beginning has been sent. Streams to nodes need none.
func (f *Fair) Run(w http.ResponseWriter, r *request.Request) (done bool, err error) {
	watch := r.Verb == "watch"
	if r.LongRunning() && !watch {
		return false, nil
	}
	s := f.plan.Load().classify(r)
	header := w.Header()
	header[schemaHeader], header[levelHeader] = s.uid, s.levelUID
	if s.exempt {
		release := s.level.enter(f.Now())
		s.counts.Dispatched(1)
		f.keep(r, watch, func() {
			release(f.Now())
			s.counts.Released(1)
		})
		return false, nil
	}
	t := &ticket{level: s.level, width: f.width(r, s.level)}
	if !s.level.take(t, f.Now()) {
		if reason := f.wait(r, s, t); reason != "" {
			s.counts.Rejected(reason)
			tooMany(w)
			return true, nil
		}
	}
	s.counts.Dispatched(t.width)
	f.keep(r, watch, func() {
		s.level.release(t, f.Now())
		s.counts.Released(t.width)
	})
	return false, nil
}

// Observe lets requests be counted from now on.
func (f *Fair) Observe(o Observer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.observe = o
	f.remake()
}

// uncounted is told of requests that nobody counts.
type uncounted struct{}

func (uncounted) Dispatched(int)             {}
func (uncounted) Released(int)               {}
func (uncounted) Rejected(string)            {}
func (uncounted) Queued()                    {}
func (uncounted) Waited(bool, time.Duration) {}

// keep gives the seat back when the request is over, or, for a watch, when its beginning is.
func (f *Fair) keep(r *request.Request, watch bool, release func()) {
	if watch {
		r.OnSettled(release)
	} else {
		r.OnEnd(release)
	}
}

// wait queues the request until it has a seat; otherwise it returns why it has none.
func (f *Fair) wait(r *request.Request, s *schema, t *ticket) (reason string) {
	began := f.Now()
	if reason := s.level.enqueue(t, s.flow(r), began); reason != "" {
		return reason
	}
	s.counts.Queued()
	patience := f.Wait
	ctx := r.HTTP.Context()
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, deadline.Sub(began)/4)
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-t.granted:
	case <-timer.C:
		reason = "time-out"
	case <-ctx.Done():
		reason = "cancelled"
	}
	now := f.Now()
	if reason != "" && !s.level.leave(t, now) {
		reason = "" // it was granted a seat at the last moment
	}
	s.counts.Waited(reason == "", now.Sub(began))
	return reason
}

// Adjust lends seats between levels, by what each needed, every ten seconds until the context ends.
func (f *Fair) Adjust(ctx context.Context) error {
	ticker := time.NewTicker(adjustEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			f.mu.Lock()
			f.lend(f.Now())
			f.mu.Unlock()
		}
	}
}
