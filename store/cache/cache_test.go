package cache_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store/cache"
	"github.com/nave-k8s/nave/store/etcd"
)

func embedded(t testing.TB) *etcd.Store {
	t.Helper()
	s, err := etcd.Start(context.Background(), etcd.EmbeddedConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestEmbeddedEndToEnd(t *testing.T) {
	s := embedded(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c := cache.New(cache.Config{Store: s, Prefix: "/registry/"})
	go c.Run(ctx)
	pods := c.Index(cache.IndexConfig{Key: "pods"})
	first, err := s.Create(ctx, "/registry/pods/default/a", []byte("1"), 0)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := pods.Consistent(ctx)
	if err != nil || snap.Get("/registry/pods/default/a") == nil || snap.Revision() < first {
		t.Fatalf("%v %v", snap, err)
	}
	w, err := pods.Watch(ctx, snap.Revision())
	if err != nil {
		t.Fatal(err)
	}
	old, err := pods.Watch(ctx, first-1)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	second, err := s.Update(ctx, "/registry/pods/default/a", []byte("2"), first, 0)
	if err != nil {
		t.Fatal(err)
	}
	third, err := s.Delete(ctx, "/registry/pods/default/a", second)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	for upTo := int64(0); upTo < third; {
		events, at, err := w.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		upTo = at
		for _, e := range events {
			got += fmt.Sprintf("%v %s %d;", e.Type, e.Entry.Value, e.Revision-first)
		}
	}
	if want := "MODIFIED 2 1;DELETED 2 2;"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got = ""
	for upTo := int64(0); upTo < third; {
		events, at, err := old.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		upTo = at
		for _, e := range events {
			got += fmt.Sprintf("%v %s %d;", e.Type, e.Entry.Value, e.Revision-first)
		}
	}
	if want := "ADDED 1 0;MODIFIED 2 1;DELETED 2 2;"; got != want {
		t.Errorf("old: got %s, want %s", got, want)
	}
	for rev, want := range map[int64]string{first: "1", second: "2", third: ""} {
		snap, err := pods.At(ctx, rev)
		if err != nil {
			t.Fatal(err)
		}
		var value string
		if e := snap.Get("/registry/pods/default/a"); e != nil {
			value = string(e.Value)
		}
		if value != want {
			t.Errorf("at %d: %q, want %q", rev-first, value, want)
		}
	}
	snap, err = pods.Consistent(ctx)
	if err != nil || snap.Get("/registry/pods/default/a") != nil || snap.Count("/registry/pods/") != 0 {
		t.Fatalf("%v %v", snap, err)
	}
}
