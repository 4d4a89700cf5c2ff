package resource

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
)

// list answers with a collection out of a snapshot; it blocks nobody and copies no object.
func (e *Engine) list(w http.ResponseWriter, r *request.Request, res *kinds.Resource) error {
	media, err := respond.Lists.Negotiate(r.HTTP.Header, e.pretty(r))
	if err != nil {
		return err
	}
	options, err := listOptions(r)
	if err != nil {
		return err
	}
	sel, err := newSelection(res, r.Namespace, options.LabelSelector, options.FieldSelector)
	if err != nil {
		return err
	}
	if err := checkNamespace(res, r.Namespace); r.Namespace != "" && err != nil {
		return err
	}
	leave := r.Timeline.Enter("cache")
	page, err := e.page(r.HTTP.Context(), res, &sel, options)
	leave("", "")
	if err != nil {
		return err
	}
	leave = r.Timeline.Enter("respond")
	defer leave("", "")
	return respond.List(w, r, media, page)
}

// page collects the entries a list asks for.
func (e *Engine) page(ctx context.Context, res *kinds.Resource, sel *selection, o *metav1.ListOptions) (respond.Collection, error) {
	out := respond.Collection{Resource: res}
	start, err := e.start(ctx, res, sel, o)
	if err != nil {
		return out, err
	}
	limit := o.Limit
	if o.ResourceVersion == "0" || limit < 0 {
		limit = 0 // kube-apiserver answers these whole, from its cache
	}
	if limit == 0 && sel.all {
		out.Items = make([]respond.Item, 0, start.snapshot.Count(sel.prefix()))
	}
	form := e.forms.Of(res)
	last, more := "", false
	prefix := sel.prefix()
	start.snapshot.Ascend(prefix, start.from, func(entry *cache.Entry) bool {
		if limit > 0 && int64(len(out.Items)) == limit {
			more = true // whether or not any of those left matches: nobody has looked
			return false
		}
		if sel.name != "" && sel.narrow() && entry.Key != prefix || !sel.matches(entry) {
			return true
		}
		out.Items = append(out.Items, item{res, form, entry})
		last = entry.Key
		return true
	})
	out.Meta.ResourceVersion = strconv.FormatInt(start.snapshot.Revision(), 10)
	if more {
		revision := start.snapshot.Revision()
		if start.inconsistent {
			revision = -1
		}
		out.Meta.Continue = encodeContinue(revision, strings.TrimPrefix(last, sel.base())+"\x00")
		if sel.all {
			left := int64(start.remaining(sel) - len(out.Items))
			out.Meta.RemainingItemCount = &left
		}
	}
	return out, nil
}

// base is the prefix that continue tokens leave out.
func (s *selection) base() string { return prefix(s.root, s.namespace) }

// beginning is where a list begins.
type beginning struct {
	snapshot     cache.Snapshot
	from         string // key; "" for the first
	inconsistent bool   // later pages are to be of the newest state, too
}

// remaining counts the entries from the beginning on.
func (b beginning) remaining(sel *selection) int { return b.snapshot.CountFrom(sel.prefix(), b.from) }

// start chooses the snapshot by resourceVersion, its match, and the continue token.
func (e *Engine) start(ctx context.Context, res *kinds.Resource, sel *selection, o *metav1.ListOptions) (b beginning, err error) {
	if o.Continue != "" {
		if o.ResourceVersion != "" && o.ResourceVersion != "0" {
			return b, apierrors.NewBadRequest("specifying resource version is not allowed when using continue")
		}
		return e.resume(ctx, res, sel, o.Continue)
	}
	if o.ResourceVersion == "" {
		b.snapshot, err = e.index(res).Consistent(ctx)
		if err != nil {
			err = storeError(err)
		}
		return b, err
	}
	revision, err := parseVersion(o.ResourceVersion)
	if err != nil {
		return b, apierrors.NewBadRequest("invalid resource version: " + err.Error())
	}
	exact := o.ResourceVersionMatch == metav1.ResourceVersionMatchExact ||
		o.ResourceVersionMatch == "" && o.Limit > 0 && revision > 0
	if !exact {
		b.snapshot, err = e.notOlderThan(ctx, res, revision)
		return b, err
	}
	b.snapshot, err = e.at(ctx, res, revision)
	var compacted *store.CompactedError
	if errors.As(err, &compacted) {
		return b, apierrors.NewResourceExpired("The resourceVersion for the provided list is too old.")
	}
	return b, err
}

// at returns the resource at a revision exactly.
func (e *Engine) at(ctx context.Context, res *kinds.Resource, revision int64) (cache.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, futureWait)
	defer cancel()
	snapshot, err := e.index(res).At(ctx, revision)
	var (
		future    *store.FutureError
		compacted *store.CompactedError
	)
	switch {
	case errors.As(err, &future):
		return snapshot, tooLargeVersion(revision, future.Current)
	case errors.Is(err, context.DeadlineExceeded):
		return snapshot, tooLargeVersion(revision, e.Cache.Revision())
	case errors.As(err, &compacted):
		return snapshot, err
	case err != nil:
		return snapshot, storeError(err)
	}
	return snapshot, nil
}

// resume goes on where a continue token says.
func (e *Engine) resume(ctx context.Context, res *kinds.Resource, sel *selection, token string) (b beginning, err error) {
	revision, from, err := decodeContinue(token)
	if err != nil {
		return b, apierrors.NewBadRequest("invalid continue token: " + err.Error())
	}
	b.from = sel.base() + from
	if revision < 0 {
		b.inconsistent = true
		b.snapshot, err = e.index(res).Consistent(ctx)
		if err != nil {
			err = storeError(err)
		}
		return b, err
	}
	b.snapshot, err = e.at(ctx, res, revision)
	var compacted *store.CompactedError
	if errors.As(err, &compacted) {
		expired := apierrors.NewResourceExpired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
		expired.ErrStatus.ListMeta.Continue = encodeContinue(-1, from)
		return b, expired
	}
	return b, err
}

// A continueToken is what a continue parameter holds, in kube-apiserver's own format, so that a client
// can go from one server to the other within a list.
type continueToken struct {
	APIVersion      string `json:"v"`
	ResourceVersion int64  `json:"rv"`
	StartKey        string `json:"start"`
}

const continueVersion = "meta.k8s.io/v1"

func encodeContinue(revision int64, from string) string {
	js, _ := json.Marshal(continueToken{continueVersion, revision, from}) // strings and a number
	return base64.RawURLEncoding.EncodeToString(js)
}

func decodeContinue(token string) (revision int64, from string, err error) {
	js, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, "", fmt.Errorf("continue key is not valid: %w", err)
	}
	var c continueToken
	if err := json.Unmarshal(js, &c); err != nil {
		return 0, "", fmt.Errorf("continue key is not valid: %w", err)
	}
	switch {
	case c.APIVersion != continueVersion:
		return 0, "", fmt.Errorf("continue key is not valid: server does not recognize this encoded version %v", c.APIVersion)
	case c.ResourceVersion == 0:
		return 0, "", fmt.Errorf("continue key is not valid: incorrect encoded start resourceVersion (version %v)", c.APIVersion)
	case c.StartKey == "":
		return 0, "", fmt.Errorf("continue key is not valid: encoded start key empty (version %v)", c.APIVersion)
	}
	// The key must stay below the prefix it is put under.
	key := c.StartKey
	if !strings.HasPrefix(key, "/") {
		key = "/" + key
	}
	if cleaned := path.Clean(key); cleaned != key {
		return 0, "", fmt.Errorf("continue key is not valid: %s", c.StartKey)
	}
	return c.ResourceVersion, key[1:], nil
}

func invalidVersion(version string, err error) error {
	return field.Invalid(field.NewPath("resourceVersion"), version, err.Error())
}
