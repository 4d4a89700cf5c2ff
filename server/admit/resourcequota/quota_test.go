package resourcequota

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/quota"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

// list reads "cpu=1 pods=2".
func list(s string) corev1.ResourceList {
	var out corev1.ResourceList
	for _, part := range strings.Fields(s) {
		k, v, _ := strings.Cut(part, "=")
		if out == nil {
			out = corev1.ResourceList{}
		}
		out[corev1.ResourceName(k)] = resource.MustParse(v)
	}
	return out
}

func aQuota(name, hard, used string, scopes ...corev1.ResourceQuotaScope) *corev1.ResourceQuota {
	return &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}, Spec: corev1.ResourceQuotaSpec{Hard: list(hard), Scopes: scopes},
		Status: corev1.ResourceQuotaStatus{Hard: list(hard), Used: list(used)},
	}
}

func pod(requests, limits string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", ResourceVersion: "1"}}
	p.Spec.Containers = []corev1.Container{{Name: "c", Resources: corev1.ResourceRequirements{Requests: list(requests), Limits: list(limits)}}}
	return p
}

func resize(a *admit.Attributes) *admit.Attributes {
	a.Subresource = "resize"
	return a
}

func dry(a *admit.Attributes) *admit.Attributes {
	a.DryRun = true
	return a
}

func used(t *testing.T, w *admittest.World, name string) string {
	t.Helper()
	obj, err := w.Get(context.Background(), "", "resourcequotas", "ns", name)
	if err != nil {
		t.Fatal(err)
	}
	return quota.Text(obj.(*corev1.ResourceQuota).Status.Used)
}

func TestReview(t *testing.T) {
	configMap := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "m"}}
	service := func(kind corev1.ServiceType, ports int) *corev1.Service {
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "s"}, Spec: corev1.ServiceSpec{Type: kind, Ports: make([]corev1.ServicePort, ports)}}
	}
	unknown := aQuota("q", "pods=1", "")
	never := aQuota("q", "pods=0", "pods=0")
	never.Status = corev1.ResourceQuotaStatus{}
	for _, test := range []struct {
		name  string
		quota *corev1.ResourceQuota
		write *admit.Attributes
		err   string
		used  string
	}{
		{"fits", aQuota("q", "pods=2 count/pods=2 configmaps=1", "pods=1 count/pods=1 configmaps=0"), admittest.Write(admit.Create, pod("", ""), nil), "", "configmaps=0,count/pods=2,pods=2"},
		{"over", aQuota("q", "pods=1", "pods=1"), admittest.Write(admit.Create, pod("", ""), nil), `pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1`, "pods=1"},
		{"over in one of several", aQuota("q", "requests.cpu=1 limits.cpu=2 pods=9", "requests.cpu=800m limits.cpu=1600m pods=2"), admittest.Write(admit.Create, pod("cpu=300m", "cpu=400m"), nil),
			`pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=300m, used: requests.cpu=800m, limited: requests.cpu=1`, "limits.cpu=1600m,pods=2,requests.cpu=800m"},
		{"not said", aQuota("q", "requests.cpu=1 limits.cpu=2", "requests.cpu=0 limits.cpu=0"), admittest.Write(admit.Create, pod("", ""), nil), `pods "p" is forbidden: failed quota: q: must specify limits.cpu for: c; requests.cpu for: c`, "limits.cpu=0,requests.cpu=0"},
		{"not counted yet", unknown, admittest.Write(admit.Create, pod("", ""), nil), `pods "p" is forbidden: status unknown for quota: q, resources: pods`, ""},
		{"nothing enforced before status.hard", never, admittest.Write(admit.Create, pod("", ""), nil), "", ""},
		{"dry run", aQuota("q", "pods=2", "pods=1"), dry(admittest.Write(admit.Create, pod("", ""), nil)), "", "pods=1"},
		{"dry run over", aQuota("q", "pods=1", "pods=1"), dry(admittest.Write(admit.Create, pod("", ""), nil)), `pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1`, "pods=1"},
		{"an update of a pod", aQuota("q", "pods=0", "pods=0"), admittest.Write(admit.Update, pod("", ""), pod("", "")), "", "pods=0"},
		{"resize", aQuota("q", "requests.cpu=1", "requests.cpu=300m"), resize(admittest.Write(admit.Update, pod("cpu=500m", ""), pod("cpu=300m", ""))), "", "requests.cpu=500m"},
		{"resize over", aQuota("q", "requests.cpu=1", "requests.cpu=300m"), resize(admittest.Write(admit.Update, pod("cpu=1500m", ""), pod("cpu=300m", ""))), `pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=1200m, used: requests.cpu=300m, limited: requests.cpu=1`, "requests.cpu=300m"},
		{"resize down, of what is over already", aQuota("q", "requests.cpu=1", "requests.cpu=2"), resize(admittest.Write(admit.Update, pod("cpu=100m", ""), pod("cpu=300m", ""))), "", "requests.cpu=2"},
		{"objects", aQuota("q", "count/configmaps=1 configmaps=1", "count/configmaps=0 configmaps=0"), admittest.Write(admit.Create, configMap, nil), "", "configmaps=1,count/configmaps=1"},
		{"an update of an object", aQuota("q", "configmaps=0", "configmaps=0"), admittest.Write(admit.Update, configMap, configMap), "", "configmaps=0"},
		{"node ports", aQuota("q", "services.nodeports=1", "services.nodeports=0"), admittest.Write(admit.Create, service("NodePort", 2), nil), `services "s" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1`, "services.nodeports=0"},
		{"a type that changes", aQuota("q", "services=1 services.nodeports=1", "services=1 services.nodeports=0"), admittest.Write(admit.Update, service("NodePort", 1), service("ClusterIP", 1)), "", "services=1,services.nodeports=1"},
		{"in scope", aQuota("q", "pods=0", "pods=0", corev1.ResourceQuotaScopeBestEffort), admittest.Write(admit.Create, pod("", ""), nil), `pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0`, "pods=0"},
		{"out of scope", aQuota("q", "pods=0", "pods=0", corev1.ResourceQuotaScopeBestEffort), admittest.Write(admit.Create, pod("cpu=1m", ""), nil), "", "pods=0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			world := admittest.NewWorld(test.quota)
			plugin, err := New(world, world, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = plugin.Review(context.Background(), test.write)
			if err != nil && err.Error() != test.err || err == nil && test.err != "" {
				t.Errorf("got %v, want %q", err, test.err)
			}
			if got := used(t, world, "q"); got != test.used {
				t.Errorf("used %s, want %s", got, test.used)
			}
		})
	}
}

// TestRace lets many writers, on two servers, go for the last places of a quota.
func TestRace(t *testing.T) {
	world := admittest.NewWorld(aQuota("q", "pods=5", "pods=0"))
	world.Conflicts = 3
	var servers []*Plugin
	for range 2 {
		p, err := New(admit.NewShared(world), world, nil)
		if err != nil {
			t.Fatal(err)
		}
		servers = append(servers, p)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	allowed := 0
	for i := range 20 {
		wg.Go(func() {
			if err := servers[i%2].Review(context.Background(), admittest.Write(admit.Create, pod("", ""), nil)); err == nil {
				mu.Lock()
				defer mu.Unlock()
				allowed++
			}
		})
	}
	wg.Wait()
	if allowed != 5 || used(t, world, "q") != "pods=5" {
		t.Errorf("%d allowed, used %s", allowed, used(t, world, "q"))
	}
}

// TestSeveralQuotas: what one quota refuses is not charged to another.
func TestSeveralQuotas(t *testing.T) {
	world := admittest.NewWorld(aQuota("a", "pods=5", "pods=0"), aQuota("b", "pods=0", "pods=0"))
	plugin, err := New(world, world, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = plugin.Review(context.Background(), admittest.Write(admit.Create, pod("", ""), nil))
	if err == nil || !strings.Contains(err.Error(), "exceeded quota: b") || used(t, world, "a") != "pods=0" {
		t.Errorf("got %v, used %s", err, used(t, world, "a"))
	}
	// The second quota fills up between check and charge.
	world = admittest.NewWorld(aQuota("a", "pods=5", "pods=0"), aQuota("b", "pods=1", "pods=0"))
	plugin, _ = New(world, &filling{world}, nil)
	err = plugin.Review(context.Background(), admittest.Write(admit.Create, pod("", ""), nil))
	if err == nil || !strings.Contains(err.Error(), "exceeded quota: b") || used(t, world, "a") != "pods=0" {
		t.Errorf("not refunded: %v, used %s", err, used(t, world, "a"))
	}
}

// filling fills quota b when a is charged.
type filling struct{ *admittest.World }

func (f *filling) Update(ctx context.Context, group, plural, sub, namespace, name string, change func(kinds.Object) error) error {
	if name == "a" {
		f.World.Put(aQuota("b", "pods=1", "pods=1"))
	}
	return f.World.Update(ctx, group, plural, sub, namespace, name, change)
}

func TestLimitedByDefault(t *testing.T) {
	config := `{apiVersion: apiserver.config.k8s.io/v1, kind: ResourceQuotaConfiguration, limitedResources: [
		{resource: pods, matchContains: [cpu], matchScopes: [{scopeName: PriorityClass, operator: In, values: [vip]}]}]}`
	vip := pod("", "")
	vip.Spec.PriorityClassName = "vip"
	for _, test := range []struct {
		name  string
		pod   *corev1.Pod
		quota *corev1.ResourceQuota
		want  string
	}{
		{"nothing limited", pod("", ""), nil, ""},
		{"no quota", pod("cpu=1", ""), nil, `pods "p" is forbidden: insufficient quota to consume: cpu,requests.cpu`},
		{"a quota of a part", pod("cpu=1", ""), aQuota("q", "requests.cpu=9", "requests.cpu=0"), `pods "p" is forbidden: insufficient quota to consume: cpu`},
		{"a quota", pod("cpu=1", ""), aQuota("q", "requests.cpu=9 cpu=9", "requests.cpu=0 cpu=0"), ""},
		{"scope", vip, nil, "insufficient quota to match these scopes: [{PriorityClass In [vip]}]"},
	} {
		world := admittest.NewWorld()
		if test.quota != nil {
			world.Put(test.quota)
		}
		plugin, err := New(world, world, []byte(config))
		if err != nil {
			t.Fatal(err)
		}
		err = plugin.Review(context.Background(), admittest.Write(admit.Create, test.pod, nil))
		if got := fmt.Sprint(err); err != nil && got != test.want || err == nil && test.want != "" {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
	if _, err := New(nil, nil, []byte("{kind: Other}")); err == nil {
		t.Error("took a configuration of another kind")
	}
}
