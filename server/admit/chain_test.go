package admit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestEnabled(t *testing.T) {
	for _, test := range []struct {
		name            string
		enable, disable []string
		has, hasNot     string
		err             string
	}{
		{"default", nil, nil, "NamespaceLifecycle", "NodeRestriction", ""},
		{"enable", []string{"NodeRestriction"}, nil, "NodeRestriction", "", ""},
		{"enable a default one", []string{"PodSecurity"}, nil, "PodSecurity", "", ""},
		{"disable", nil, []string{"PodSecurity"}, "Priority", "PodSecurity", ""},
		{"both", []string{"PodSecurity"}, []string{"PodSecurity"}, "", "", "overlapped"},
		{"unknown", []string{"Nope"}, nil, "", "", `enable-admission-plugins plugin "Nope" is unknown`},
		{"unknown to disable", nil, []string{"Nope"}, "", "", `disable-admission-plugins plugin "Nope" is unknown`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := admit.Enabled(test.enable, test.disable)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want %q", err, test.err)
				}
				return
			}
			if err != nil || !slices.Contains(got, test.has) || slices.Contains(got, test.hasNot) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// step is a plugin that writes down that it ran.
type step struct {
	name string
	ran  *[]string
	err  error
}

func (s step) Name() string                    { return s.name }
func (s step) Handles(op admit.Operation) bool { return op == admit.Create }
func (s step) Mutate(context.Context, *admit.Attributes) error {
	*s.ran = append(*s.ran, s.name)
	return s.err
}
func (s step) Review(ctx context.Context, a *admit.Attributes) error { return s.Mutate(ctx, a) }

func TestChainRunsInOrder(t *testing.T) {
	var ran []string
	chain, err := admit.NewChain(
		step{"ResourceQuota", &ran, nil}, step{"Priority", &ran, errors.New("no")}, step{"NamespaceLifecycle", &ran, nil},
	)
	if err != nil {
		t.Fatal(err)
	}
	a := admittest.Write(admit.Create, &corev1.ConfigMap{}, nil)
	if err := chain.Mutate(context.Background(), a); err == nil || err.Error() != "no" {
		t.Errorf("got %v", err)
	}
	if want := []string{"NamespaceLifecycle", "Priority"}; !slices.Equal(ran, want) {
		t.Errorf("ran %v, want %v", ran, want)
	}
	last := a.Request.Timeline.Passages()
	if len(last) != 1 || last[0].Stage != "mutate" || last[0].Decision != "deny" || last[0].Reason != "Priority: no" {
		t.Errorf("timeline %+v", last)
	}
	ran = nil
	if err := chain.Review(context.Background(), admittest.Write(admit.Delete, nil, &corev1.ConfigMap{})); err != nil || ran != nil {
		t.Errorf("a delete: %v, ran %v", err, ran)
	}
}

// restless asks for another round, always.
type restless struct{ step }

func (s restless) Mutate(ctx context.Context, a *admit.Attributes) error {
	a.Again()
	return s.step.Mutate(ctx, a)
}

func TestChainHasTwoRoundsAtMost(t *testing.T) {
	var ran []string
	chain, err := admit.NewChain(step{"Priority", &ran, nil}, restless{step{"MutatingAdmissionWebhook", &ran, nil}})
	if err != nil {
		t.Fatal(err)
	}
	if err := chain.Mutate(context.Background(), admittest.Write(admit.Create, &corev1.ConfigMap{}, nil)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"Priority", "MutatingAdmissionWebhook", "Priority", "MutatingAdmissionWebhook"}; !slices.Equal(ran, want) {
		t.Errorf("ran %v", ran)
	}
}

func TestNewChainRefuses(t *testing.T) {
	for want, plugins := range map[string][]admit.Plugin{
		"no place in the order": {step{name: "Nope"}},
		"there twice":           {step{name: "Priority"}, step{name: "Priority"}},
	} {
		if _, err := admit.NewChain(plugins...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestShared(t *testing.T) {
	ctx := context.Background()
	ns := &corev1.Namespace{}
	ns.Name = "a"
	world := admittest.NewWorld(ns)
	shared := admit.NewShared(world)
	get := func() string {
		obj, err := shared.Get(ctx, "", "namespaces", "", "a")
		if err != nil {
			return err.Error()
		}
		return obj.GetLabels()["x"]
	}
	list := func() int {
		objs, err := shared.List(ctx, "", "namespaces", "")
		if err != nil {
			t.Fatal(err)
		}
		return len(objs)
	}
	if get(); get() != "" || list() != 1 || list() != 1 || world.Reads != 2 {
		t.Errorf("read %d times, want one Get and one List", world.Reads)
	}
	changed := ns.DeepCopy()
	changed.Labels = map[string]string{"x": "y"}
	world.Put(changed)
	if get() != "y" {
		t.Error("the change is not seen")
	}
	world.Remove(ns)
	if got := get(); got != `namespaces "a" not found` || list() != 0 {
		t.Errorf("after removal: %q, %d", got, list())
	}
}
