package resource

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation/path"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
)

// get answers with one object, from the cache: as new as every write acknowledged before, or as old as
// the client allows with resourceVersion.
func (e *Engine) get(w http.ResponseWriter, r *request.Request, res *kinds.Resource) error {
	media, err := respond.Objects.Negotiate(r.HTTP.Header, e.pretty(r))
	if err != nil {
		return err
	}
	entry, err := e.find(r, res)
	if err != nil {
		return err
	}
	return respond.Entry(w, r, media, http.StatusOK, res, item{res, e.forms.Of(res), entry})
}

// find returns the entry a GET names.
func (e *Engine) find(r *request.Request, res *kinds.Resource) (*cache.Entry, error) {
	if err := checkName(r.Name); err != nil {
		return nil, err
	}
	if err := checkNamespace(res, r.Namespace); err != nil {
		return nil, err
	}
	leave := r.Timeline.Enter("cache")
	snapshot, err := e.snapshot(r.HTTP.Context(), res, r.Query.Get("resourceVersion"))
	leave("", "")
	if err != nil {
		return nil, err
	}
	entry := snapshot.Get(key(res, r.Namespace, r.Name))
	if entry == nil {
		return nil, notFound(res, r.Name)
	}
	return entry, nil
}

// snapshot returns the resource as it is now ("") or at a version at least as new as the one given; "0"
// for any.
func (e *Engine) snapshot(ctx context.Context, res *kinds.Resource, version string) (cache.Snapshot, error) {
	if version == "" {
		return e.index(res).Consistent(ctx)
	}
	revision, err := parseVersion(version)
	if err != nil {
		return cache.Snapshot{}, plainError(err.Error())
	}
	return e.notOlderThan(ctx, res, revision)
}

// futureWait is how long a read waits for a revision that has not been reached.
const futureWait = 3 * time.Second

func (e *Engine) notOlderThan(ctx context.Context, res *kinds.Resource, revision int64) (cache.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, futureWait)
	defer cancel()
	snapshot, err := e.index(res).Latest(ctx, revision)
	var future *store.FutureError
	switch {
	case errors.As(err, &future):
		return snapshot, tooLargeVersion(revision, future.Current)
	case errors.Is(err, context.DeadlineExceeded):
		return snapshot, tooLargeVersion(revision, e.Cache.Revision())
	case err != nil:
		return snapshot, storeError(err)
	}
	return snapshot, nil
}

// parseVersion reads a resource version.
func parseVersion(version string) (int64, error) {
	if version == "" || version == "0" {
		return 0, nil
	}
	n, err := strconv.ParseUint(version, 10, 64)
	if err != nil {
		return 0, invalidVersion(version, err)
	}
	return int64(n), nil
}

// checkName refuses what cannot be a name in a path.
func checkName(name string) error {
	if msgs := path.IsValidPathSegmentName(name); len(msgs) > 0 {
		return apierrors.NewBadRequest("Name parameter invalid: " + strconv.Quote(name) + ": " + join(msgs))
	}
	return nil
}

// checkNamespace refuses a namespace that would lead to another key.
func checkNamespace(res *kinds.Resource, namespace string) error {
	if res.Namespaced && len(path.IsValidPathSegmentName(namespace)) > 0 {
		return plainError("invalid key: " + strconv.Quote("/"+res.Root().Storage.Key+"/"+namespace))
	}
	return nil
}

func (e *Engine) pretty(r *request.Request) bool {
	return respond.WantsPretty(r.Query.Get("pretty"), r.Query.Has("pretty"), r.HTTP.UserAgent())
}
