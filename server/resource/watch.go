package resource

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
)

// How often a watch with bookmarks gets one, and how long before its end the last.
const (
	bookmarkEvery  = time.Minute
	bookmarkBefore = 2 * time.Second
)

// watch is a GET of a collection that goes on: the events after a revision, or the objects there are and
// then the events after those.
func (e *Engine) watch(w http.ResponseWriter, r *request.Request, res *kinds.Resource) error {
	media, err := respond.Watches.Negotiate(r.HTTP.Header, false)
	if err != nil {
		return err
	}
	options, err := listOptions(r)
	if err != nil {
		return err
	}
	if r.Name != "" { // the old /watch/ paths, or a field selector that authorization has looked at
		if options.FieldSelector, err = withName(options.FieldSelector, r.Name); err != nil {
			return err
		}
	}
	sel, err := newSelection(res, r.Namespace, options.LabelSelector, options.FieldSelector)
	if err != nil {
		return err
	}
	revision, err := parseVersion(options.ResourceVersion)
	if err != nil {
		return plainError(err.Error())
	}
	timeout := e.watchTimeout(options)
	ctx, cancel := context.WithTimeout(r.HTTP.Context(), timeout)
	defer cancel()
	events, err := respond.NewEvents(w, r, media, res)
	if err != nil {
		return err
	}
	if timeout <= 0 {
		events.Error(respond.StatusOf(apierrors.NewInternalError(context.DeadlineExceeded)))
		return events.Close()
	}
	t := &tail{engine: e, res: res, form: e.forms.Of(res), sel: sel, events: events, observer: r.Watch, bookmarks: options.AllowWatchBookmarks, end: time.Now().Add(timeout), settled: r.Settled}
	t.run(ctx, revision, options)
	return events.Close()
}

// withName adds metadata.name=name to a field selector, which must not ask for another name.
func withName(selector, name string) (string, error) {
	term := "metadata.name=" + name
	if selector == "" {
		return term, nil
	}
	parsed, err := fields.ParseSelector(selector)
	if err != nil {
		return "", apierrors.NewBadRequest(err.Error())
	}
	if other, ok := parsed.RequiresExactMatch("metadata.name"); ok && other != name {
		return "", apierrors.NewBadRequest("fieldSelector metadata.name doesn't match requested name")
	}
	return selector + "," + term, nil
}

// watchTimeout is how long the watch lasts: what the client asks for, or MinTimeout to twice that, so that
// clients do not all come back at once.
func (e *Engine) watchTimeout(o *metav1.ListOptions) time.Duration {
	if o.TimeoutSeconds != nil && *o.TimeoutSeconds != 0 {
		return time.Duration(*o.TimeoutSeconds) * time.Second
	}
	return time.Duration(float64(e.MinTimeout) * (1 + rand.Float64()))
}

// A tail is one watch under way.
type tail struct {
	engine    *Engine
	res       *kinds.Resource
	form      *codec.Form
	sel       selection
	events    *respond.Events
	observer  request.WatchObserver
	bookmarks bool
	end       time.Time
	at        int64  // everything up to here has been sent
	settled   func() // told when the beginning has been sent
}

// run sends the beginning, then events until the context ends or the client is gone.
func (t *tail) run(ctx context.Context, revision int64, o *metav1.ListOptions) {
	initial := o.SendInitialEvents != nil && *o.SendInitialEvents
	fromNow := o.SendInitialEvents != nil && !*o.SendInitialEvents
	switch {
	case initial, revision == 0 && !fromNow:
		if !t.sendInitial(ctx, revision, o) {
			return
		}
	case revision == 0:
		snapshot, err := t.engine.index(t.res).Consistent(ctx)
		if err != nil {
			t.fail(err)
			return
		}
		t.at = snapshot.Revision()
	default:
		t.at = revision
	}
	t.settled()
	t.follow(ctx)
}

// sendInitial sends what there is as ADDED, and the bookmark that says so.
func (t *tail) sendInitial(ctx context.Context, revision int64, o *metav1.ListOptions) bool {
	snapshot, err := t.beginning(ctx, revision, o)
	if err != nil {
		t.fail(err)
		return false
	}
	prefix := t.sel.prefix()
	ok := true
	snapshot.Ascend(prefix, "", func(entry *cache.Entry) bool {
		if t.sel.name != "" && t.sel.narrow() && entry.Key != prefix || !t.sel.matches(entry) {
			return true
		}
		ok = t.events.Send("ADDED", item{t.res, t.form, entry}) == nil
		return ok
	})
	t.at = snapshot.Revision()
	if ok && t.bookmarks {
		ok = t.events.Bookmark(strconv.FormatInt(t.at, 10), true) == nil
	}
	if t.observer != nil {
		t.observer.Listed()
	}
	return ok && t.events.Flush() == nil
}

func (t *tail) beginning(ctx context.Context, revision int64, o *metav1.ListOptions) (cache.Snapshot, error) {
	if o.ResourceVersion == "" {
		return t.engine.index(t.res).Consistent(ctx)
	}
	return t.engine.index(t.res).Latest(ctx, revision)
}

// follow sends events from t.at on.
func (t *tail) follow(ctx context.Context) {
	cursor, err := t.engine.index(t.res).Watch(ctx, t.at)
	if err != nil {
		t.fail(err)
		return
	}
	for {
		wait, cancel := context.WithDeadline(ctx, t.nextBookmark())
		events, upTo, err := cursor.Next(wait)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, context.DeadlineExceeded):
			t.at = max(t.at, upTo)
			if t.bookmarks {
				if t.events.Bookmark(strconv.FormatInt(t.at, 10), false) != nil || t.events.Flush() != nil {
					return
				}
			}
			continue
		case err != nil:
			t.fail(err)
			return
		}
		for _, ev := range events {
			if ev.Revision > t.at && !t.send(ev) {
				return
			}
		}
		t.at = max(t.at, upTo)
		if t.events.Flush() != nil {
			return
		}
	}
}

// nextBookmark is when to stop waiting for events and send a bookmark.
func (t *tail) nextBookmark() time.Time {
	now := time.Now()
	last := t.end.Add(-bookmarkBefore)
	if next := now.Add(bookmarkEvery); next.Before(last) || !now.Before(last) {
		return next
	}
	return last
}

// send sends an event as it looks through the selection: an object that comes to match is ADDED, one that
// ceases to is DELETED with its last matching state.
func (t *tail) send(ev *cache.Event) bool {
	if !strings.HasPrefix(ev.Entry.Key, t.sel.prefix()) {
		return true
	}
	if t.sel.name != "" && t.sel.narrow() && ev.Entry.Key != t.sel.prefix() {
		return true
	}
	if t.sel.all {
		return t.events.Send(eventType(ev.Type), item{t.res, t.form, ev.Entry}) == nil
	}
	before := ev.Prev != nil && t.sel.matches(ev.Prev)
	now := ev.Type != cache.Deleted && t.sel.matches(ev.Entry)
	switch {
	case now && before:
		return t.events.Send("MODIFIED", item{t.res, t.form, ev.Entry}) == nil
	case now:
		return t.events.Send("ADDED", item{t.res, t.form, ev.Entry}) == nil
	case before && ev.Type == cache.Deleted:
		return t.events.Send("DELETED", item{t.res, t.form, ev.Entry}) == nil
	case before:
		return t.events.Send("DELETED", item{t.res, t.form, ev.Prev.At(ev.Revision)}) == nil
	}
	return true
}

func eventType(t cache.EventType) string {
	switch t {
	case cache.Added:
		return "ADDED"
	case cache.Modified:
		return "MODIFIED"
	}
	return "DELETED"
}

// fail ends the watch with an ERROR event.
func (t *tail) fail(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return
	}
	var (
		compacted *store.CompactedError
		future    *store.FutureError
	)
	switch {
	case errors.Is(err, cache.ErrExpired), errors.As(err, &compacted):
		err = apierrors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", t.at, t.engine.Cache.Revision()))
	case errors.As(err, &future):
		err = tooLargeVersion(t.at, future.Current)
	}
	t.events.Error(respond.StatusOf(err))
}
