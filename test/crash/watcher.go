package crash

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
)

// A change is an event that a watcher saw.
type change struct {
	typ watch.EventType
	version
}

func (c change) String() string { return fmt.Sprintf("%s %s %s %d", c.typ, c.name, c.mark, c.revision) }

// endName begins the names of the objects that tell a watcher that its round is over.
const endName = "end-"

// follow watches from a revision on, anew from the last it saw whenever the watch ends, until it sees the object
// of that name.
func follow(ctx context.Context, t things, revision, until string) ([]change, error) {
	var seen []change
	for {
		end, err := followOnce(ctx, t, &revision, until, &seen)
		if end || err != nil {
			return seen, err
		}
		select {
		case <-ctx.Done():
			return seen, fmt.Errorf("a watch of %s does not see %s: %w", t.kind(), until, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func followOnce(ctx context.Context, t things, revision *string, until string, seen *[]change) (end bool, err error) {
	w, err := t.watch(ctx, *revision)
	if err != nil {
		if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || apierrors.IsBadRequest(err) {
			return false, err
		}
		return false, nil // nobody is there
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		switch e.Type {
		case watch.Added, watch.Modified, watch.Deleted:
		case watch.Error:
			err := apierrors.FromObject(e.Object)
			if apierrors.IsInternalError(err) || apierrors.IsServerTimeout(err) || apierrors.IsServiceUnavailable(err) || broken(err) {
				return false, nil // the server, or its store, is on its way out
			}
			return false, fmt.Errorf("a watch of %s from %s: %w", t.kind(), *revision, err)
		default:
			return false, fmt.Errorf("a watch of %s: %s", t.kind(), e.Type)
		}
		v, err := t.version(e.Object)
		if err != nil {
			return false, err
		}
		if last, _ := strconv.ParseInt(*revision, 10, 64); v.revision <= last {
			return false, fmt.Errorf("a watch of %s from %d sees %s %v", t.kind(), last, e.Type, v)
		}
		*revision = strconv.FormatInt(v.revision, 10)
		v.obj = nil
		if v.name == until {
			return true, nil
		}
		if !strings.HasPrefix(v.name, endName) {
			*seen = append(*seen, change{e.Type, v})
		}
	}
	return false, nil
}

// broken reports a stream that was cut in the middle of an event.
func broken(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && strings.Contains(status.Status().Message, "unable to decode an event")
}
