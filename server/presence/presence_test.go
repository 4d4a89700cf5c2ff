package presence

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/store/memory"
)

// objects is a map of objects that counts writes.
type objects struct {
	all    map[string]kinds.Object
	writes int
}

func (o *objects) Get(_ context.Context, group, plural, _, name string) (kinds.Object, error) {
	if obj := o.all[plural+"/"+name]; obj != nil {
		return obj.DeepCopyObject().(kinds.Object), nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: plural}, name)
}

func (o *objects) Create(_ context.Context, group, plural string, obj kinds.Object) error {
	if o.all[plural+"/"+obj.GetName()] != nil {
		return apierrors.NewAlreadyExists(schema.GroupResource{Group: group, Resource: plural}, obj.GetName())
	}
	o.all[plural+"/"+obj.GetName()] = obj
	o.writes++
	return nil
}

func (o *objects) Set(_ context.Context, _, plural, _, name string, change func(kinds.Object) error) (kinds.Object, error) {
	o.writes++
	obj := o.all[plural+"/"+name]
	return obj, change(obj)
}

func (o *objects) Update(ctx context.Context, group, plural, _, namespace, name string, change func(kinds.Object) error) error {
	_, err := o.Set(ctx, group, plural, namespace, name, change)
	return err
}

type world struct {
	objects *objects
	store   *memory.Store
	now     time.Time
}

func newWorld() *world {
	w := &world{objects: &objects{all: map[string]kinds.Object{}}, now: time.Unix(1_700_000_000, 0)}
	w.store = memory.New(memory.Config{Now: func() time.Time { return w.now }})
	return w
}

func (w *world) server(address string, ranges ...string) *Presence {
	c := Config{Address: netip.MustParseAddr(address), Port: 6443, Objects: w.objects, Store: w.store, Now: func() time.Time { return w.now }}
	for _, r := range ranges {
		c.Ranges = append(c.Ranges, netip.MustParsePrefix(r))
	}
	return New(c)
}

func (w *world) addresses(t *testing.T) string {
	t.Helper()
	var a, b []string
	for _, s := range w.objects.all["endpoints/kubernetes"].(*corev1.Endpoints).Subsets {
		for _, x := range s.Addresses {
			a = append(a, x.IP)
		}
	}
	for _, e := range w.objects.all["endpointslices/kubernetes"].(*discoveryv1.EndpointSlice).Endpoints {
		b = append(b, e.Addresses...)
	}
	if !slices.Equal(a, b) {
		t.Errorf("endpoints %v, slice %v", a, b)
	}
	return strings.Join(a, " ")
}

func ensure(t *testing.T, p *Presence) {
	t.Helper()
	if err := p.Ensure(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestEnsure(t *testing.T) {
	w := newWorld()
	a := w.server("192.0.2.1", "10.0.0.0/16", "fd00::/112")
	ensure(t, a)
	svc := w.objects.all["services/kubernetes"].(*corev1.Service)
	if svc.Spec.ClusterIP != "10.0.0.1" || svc.Labels["component"] != "apiserver" || svc.Spec.Ports[0].TargetPort.IntValue() != 6443 {
		t.Errorf("service %+v", svc)
	}
	cidr := w.objects.all["servicecidrs/kubernetes"].(*networkingv1.ServiceCIDR)
	if len(cidr.Spec.CIDRs) != 2 || cidr.Status.Conditions[0].Status != "True" || cidr.ManagedFields[0].Manager != "kubernetes-service-cidr-controller" {
		t.Errorf("cidr %+v", cidr)
	}
	if got := w.addresses(t); got != "192.0.2.1" {
		t.Errorf("endpoints %s", got)
	}
	before := w.objects.writes
	ensure(t, a)
	if w.objects.writes != before {
		t.Error("nothing changed, and yet it wrote")
	}
	svc.Spec.Ports[0].TargetPort.IntVal = 1
	w.objects.all["endpoints/kubernetes"].(*corev1.Endpoints).Subsets = nil
	ensure(t, a)
	if svc.Spec.Ports[0].TargetPort.IntValue() != 6443 || w.addresses(t) != "192.0.2.1" {
		t.Errorf("not repaired: %+v, %s", svc.Spec, w.addresses(t))
	}
}

func TestServersComeAndGo(t *testing.T) {
	w := newWorld()
	a, b := w.server("192.0.2.1", "10.0.0.0/16"), w.server("192.0.2.2", "10.0.0.0/16")
	ensure(t, b)
	ensure(t, a)
	if got := w.addresses(t); got != "192.0.2.1 192.0.2.2" {
		t.Errorf("two servers: %s", got)
	}
	if err := b.Leave(context.Background()); err != nil {
		t.Fatal(err)
	}
	ensure(t, b) // a last look that was under way
	if got := w.addresses(t); got != "192.0.2.1" {
		t.Errorf("after one left: %s", got)
	}
	c := w.server("192.0.2.3", "10.0.0.0/16")
	ensure(t, c)
	for range 2 { // a is killed, c lives on
		w.now = w.now.Add(interval)
		w.store.Expire()
		ensure(t, c)
	}
	if got := w.addresses(t); got != "192.0.2.3" {
		t.Errorf("after one was killed: %s", got)
	}
}

func TestOtherRanges(t *testing.T) {
	w := newWorld()
	ensure(t, w.server("192.0.2.1", "10.0.0.0/16"))
	other := w.server("192.0.2.2", "10.5.0.0/16")
	if err := other.Ensure(context.Background()); err == nil || !strings.Contains(err.Error(), "[10.0.0.0/16]") {
		t.Errorf("other ranges: %v", err)
	}
	ensure(t, other) // it is said once
	if got := w.addresses(t); got != "192.0.2.1 192.0.2.2" {
		t.Errorf("endpoints %s", got)
	}
}
