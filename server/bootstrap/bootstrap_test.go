package bootstrap

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// world is a map of objects that counts writes.
type world struct {
	mu     sync.Mutex
	all    map[string]kinds.Object
	writes int
}

func key(plural, namespace, name string) string { return plural + "/" + namespace + "/" + name }

func (w *world) Get(_ context.Context, group, plural, namespace, name string) (kinds.Object, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if obj := w.all[key(plural, namespace, name)]; obj != nil {
		return obj.DeepCopyObject().(kinds.Object), nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: plural}, name)
}

func (w *world) Create(_ context.Context, _, plural string, obj kinds.Object) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	w.all[key(plural, obj.GetNamespace(), obj.GetName())] = obj.DeepCopyObject().(kinds.Object)
	return nil
}

func (w *world) Set(ctx context.Context, group, plural, namespace, name string, change func(kinds.Object) error) (kinds.Object, error) {
	obj, err := w.Get(ctx, group, plural, namespace, name)
	if err != nil {
		return nil, err
	}
	if err := change(obj); err != nil {
		return nil, err
	}
	return obj, w.Create(ctx, group, plural, obj)
}

func (w *world) Update(ctx context.Context, group, plural, _, namespace, name string, change func(kinds.Object) error) error {
	_, err := w.Set(ctx, group, plural, namespace, name, change)
	return err
}

func (w *world) Delete(_ context.Context, _, plural, namespace, name string, _ *metav1.DeleteOptions) error {
	delete(w.all, key(plural, namespace, name))
	return nil
}

func (w *world) List(_ context.Context, _, plural, _ string) (out []kinds.Object, _ error) {
	for k, obj := range w.all {
		if strings.HasPrefix(k, plural+"/") {
			out = append(out, obj)
		}
	}
	return out, nil
}

func at(text string) func() time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return t }
}

func ensureAll(t *testing.T, w *world) (done []string) {
	t.Helper()
	if err := Ensure(t.Context(), w, at("2026-01-02T03:04:05Z"), func(name string) { done = append(done, name) }); err != nil {
		t.Fatal(err)
	}
	return done
}

func TestEnsure(t *testing.T) {
	w := &world{all: map[string]kinds.Object{}}
	if done := ensureAll(t, w); len(done) != 5 || done[0] != Namespaces {
		t.Errorf("done: %v", done)
	}
	exempt := w.all["flowschemas//exempt"].(*flowcontrolv1.FlowSchema)
	if c := exempt.Status.Conditions; len(c) != 1 || c[0].Message != `This FlowSchema references the PriorityLevelConfiguration object named "exempt" and it exists` {
		t.Errorf("conditions %+v", c)
	}
	before := w.writes
	ensureAll(t, w)
	if w.writes != before {
		t.Errorf("nothing is missing, and yet there were %d writes", w.writes-before)
	}

	// What was changed: an operator's own stays, what follows the server is made whole.
	view := w.all["clusterroles//system:basic-user"].(*rbacv1.ClusterRole)
	rules := len(view.Rules)
	view.Rules = []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{"x"}, Resources: []string{"y"}}}
	own := w.all["clusterroles//system:discovery"].(*rbacv1.ClusterRole)
	own.Annotations[rbacv1.AutoUpdateAnnotationKey] = "false"
	own.Rules = nil
	w.all["flowschemas//probes"].(*flowcontrolv1.FlowSchema).Spec.MatchingPrecedence = 7
	free := w.all["flowschemas//global-default"].(*flowcontrolv1.FlowSchema)
	free.Annotations[flowcontrolv1.AutoUpdateAnnotationKey], free.Spec.MatchingPrecedence = "false", 7
	delete(w.all, "namespaces//kube-public")
	ensureAll(t, w)
	if got := w.all["clusterroles//system:basic-user"].(*rbacv1.ClusterRole).Rules; len(got) != rules+1 {
		t.Errorf("rules %+v", got)
	}
	if got := w.all["clusterroles//system:discovery"].(*rbacv1.ClusterRole).Rules; got != nil {
		t.Errorf("an operator's role was changed: %+v", got)
	}
	for name, want := range map[string]int32{"probes": 2, "global-default": 7} {
		if got := w.all["flowschemas//"+name].(*flowcontrolv1.FlowSchema).Spec.MatchingPrecedence; got != want {
			t.Errorf("%s has precedence %d, want %d", name, got, want)
		}
	}
	if w.all["namespaces//kube-public"] == nil {
		t.Error("the namespace is missing")
	}
}

func TestIdentity(t *testing.T) {
	w := &world{all: map[string]kinds.Object{}}
	old := &Identity{Objects: w, Hostname: "gone", Process: "a", Now: at("2026-01-02T00:00:00Z")}
	live := &Identity{Objects: w, Hostname: "host", Process: "b", Now: at("2026-01-02T02:00:00Z")}
	for _, i := range []*Identity{old, live, live} {
		if err := i.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := live.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.all) != 1 {
		t.Fatalf("leases: %v", w.all)
	}
	lease := w.all[key("leases", "kube-system", live.Name())].(*coordinationv1.Lease)
	if len(live.Name()) != len("apiserver-")+26 || *lease.Spec.HolderIdentity != live.Name()+"_b" || lease.Labels[hostnameLabel] != "host" || *lease.Spec.LeaseDurationSeconds != 3600 {
		t.Errorf("lease %+v", lease)
	}
}

func TestConfigMaps(t *testing.T) {
	w := &world{all: map[string]kinds.Object{}}
	now := at("2026-01-02T03:04:05Z")()
	const one, two = "-----BEGIN CERTIFICATE-----\nb25l\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\ndHdv\n-----END CERTIFICATE-----\n"
	a := Authentication{ClientCA: []byte(one)}
	for range 2 {
		if err := TokenTracking(t.Context(), w, now); err != nil {
			t.Fatal(err)
		}
		if err := a.Publish(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if w.writes != 2 {
		t.Errorf("%d writes, want 2", w.writes)
	}
	if got := w.all["configmaps/kube-system/kube-apiserver-legacy-service-account-token-tracking"].(*corev1.ConfigMap).Data["since"]; got != "2026-01-02" {
		t.Errorf("since %s", got)
	}
	other := Authentication{ClientCA: []byte(two), RequestHeaderCA: []byte(one), AllowedNames: []string{"front-proxy-client"}}
	if err := other.Publish(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	data := w.all["configmaps/kube-system/extension-apiserver-authentication"].(*corev1.ConfigMap).Data
	for k, want := range map[string]string{
		"client-ca-file": one + two, "requestheader-client-ca-file": one,
		"requestheader-allowed-names": `["front-proxy-client"]`, "requestheader-uid-headers": `[]`,
	} {
		if data[k] != want {
			t.Errorf("%s is %q, want %q", k, data[k], want)
		}
	}
	if err := (Authentication{}).Publish(t.Context(), &world{}); err != nil {
		t.Error("nothing to publish:", err)
	}
}
