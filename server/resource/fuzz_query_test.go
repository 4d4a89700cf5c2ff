package resource

import (
	"context"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/store/cache"
)

// FuzzSelectors reads label and field selectors, and selects with those that are accepted. A selector that is
// written out again must select the same.
func FuzzSelectors(f *testing.F) {
	for _, s := range [][2]string{
		{"app=a,tier in (x,y),!z", "metadata.name=a"},
		{"a notin (b),c!=d,e==f", "spec.nodeName!=n,status.phase=Running"},
		{"a>1,b<2", `metadata.name=a\,b,metadata.namespace=default`},
		{"a in (,)", "metadata.name=a,metadata.name=b"},
		{"(", `metadata.name=\`},
	} {
		f.Add(s[0], s[1], "app", "a")
	}
	e := anEngine(f)
	pods := e.of("", "v1", "pods")
	entry := entryOf(f, e, pods, aPod())
	f.Fuzz(func(t *testing.T, label, field, key, val string) {
		sel, err := newSelection(pods, "default", label, field)
		if err != nil {
			return
		}
		sel.matches(entry)
		if !strings.HasPrefix(sel.prefix(), "/registry/pods/default/") {
			t.Errorf("%q %q: selects below %s", label, field, sel.prefix())
		}
		again, err := labels.Parse(sel.labels.String())
		if err != nil {
			t.Fatalf("%q is written as %q: %v", label, sel.labels.String(), err)
		}
		if set := (labels.Set{key: val}); again.Matches(set) != sel.labels.Matches(set) {
			t.Errorf("%q and %q differ on %v", label, again, set)
		}
	})
}

// entryOf stores an object and returns it as the watch cache holds it.
func entryOf(tb testing.TB, e *Engine, res *kinds.Resource, obj kinds.Object) (entry *cache.Entry) {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	tb.Cleanup(stop)
	value, err := codec.Encode(res, obj)
	if err != nil {
		tb.Fatal(err)
	}
	k := key(res, obj.GetNamespace(), obj.GetName())
	if _, err := e.Store.Create(ctx, k, value, 0); err != nil {
		tb.Fatal(err)
	}
	go e.Cache.Run(ctx) //nolint:errcheck // it ends with the test
	snapshot, err := e.index(res).Consistent(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	snapshot.Ascend(k, "", func(found *cache.Entry) bool {
		entry = found
		return false
	})
	return entry
}

// FuzzContinue decodes continue tokens. The key in one must not lead out of the prefix of its list.
func FuzzContinue(f *testing.F) {
	f.Add(encodeContinue(7, "default/a\x00"))
	f.Add(encodeContinue(-1, "a\x00"))
	f.Add(encodeContinue(7, "../secrets/kube-system/a"))
	f.Add("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiIifQ")
	f.Add("%%%")
	f.Fuzz(func(t *testing.T, token string) {
		revision, from, err := decodeContinue(token)
		if err != nil {
			return
		}
		if from == ".." || strings.HasPrefix(from, "../") || strings.Contains(from, "/../") || strings.HasPrefix(from, "/") {
			t.Errorf("leads to %q", from)
		}
		r2, f2, err := decodeContinue(encodeContinue(revision, from))
		if err != nil || r2 != revision || f2 != from {
			t.Errorf("%d %q comes back as %d %q, %v", revision, from, r2, f2, err)
		}
	})
}

// FuzzOptions reads the query of each verb.
func FuzzOptions(f *testing.F) {
	f.Add("limit=500&continue=x&resourceVersion=0&resourceVersionMatch=NotOlderThan&watch=1&timeoutSeconds=3&sendInitialEvents=true&allowWatchBookmarks=true")
	f.Add("dryRun=All&fieldManager=a&fieldValidation=Strict&force=true&pretty=1")
	f.Add("gracePeriodSeconds=-1&propagationPolicy=Orphan&orphanDependents=true&preconditions.uid=x")
	f.Add("limit=99999999999999999999&timeoutSeconds=1e9&%zz;a=b")
	e := anEngine(f)
	res := e.of("", "v1", "pods")
	f.Fuzz(func(t *testing.T, query string) {
		r := aRequest(res, "a")
		r.Query = request.ParseQuery(query)
		for _, verb := range []string{"list", "watch"} {
			r.Verb = verb
			if o, err := listOptions(r); err == nil {
				e.watchTimeout(o)
				parseVersion(o.ResourceVersion) //nolint:errcheck // it must not panic
			}
		}
		createOptions(r)   //nolint:errcheck // they must not panic
		updateOptions(r)   //nolint:errcheck
		e.deleteOptions(r) //nolint:errcheck
		for typ := range patchBodies {
			patchOptions(r, typ) //nolint:errcheck
		}
		e.pretty(r)
	})
}
