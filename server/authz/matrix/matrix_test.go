package matrix

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/authz/node"
	"github.com/nave-k8s/nave/server/authz/rbac"
	"github.com/nave-k8s/nave/server/bootstrap"
	"github.com/nave-k8s/nave/server/request"
)

var update = flag.Bool("update", false, "write testdata/matrix.txt anew")

// collector takes the bootstrap objects as the server of an empty cluster would.
type collector struct {
	bootstrap.Objects // what it does not need
	mu                sync.Mutex
	objects           []kinds.Object
	known             map[string]kinds.Object
}

func (c *collector) Get(_ context.Context, group, plural, namespace, name string) (kinds.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if obj := c.known[plural+" "+namespace+"/"+name]; obj != nil {
		return obj, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: plural}, name)
}

func (c *collector) List(context.Context, string, string, string) ([]kinds.Object, error) {
	return nil, nil
}

func (c *collector) Set(ctx context.Context, group, plural, namespace, name string, change func(kinds.Object) error) (kinds.Object, error) {
	obj, err := c.Get(ctx, group, plural, namespace, name)
	if err == nil {
		err = change(obj)
	}
	return obj, err
}

func (c *collector) Update(ctx context.Context, group, plural, _, namespace, name string, change func(kinds.Object) error) error {
	_, err := c.Set(ctx, group, plural, namespace, name, change)
	return err
}

func (c *collector) Create(_ context.Context, _, plural string, obj kinds.Object) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[plural+" "+obj.GetNamespace()+"/"+obj.GetName()] = obj
	c.objects = append(c.objects, obj)
	return nil
}

// world is an authorizer of a cluster that has just been made, with a few bindings and the pods of two nodes.
func world(t *testing.T) (z authz.Union, accounts []string) {
	c := collector{known: map[string]kinds.Object{}}
	if err := bootstrap.Ensure(t.Context(), &c, time.Now, func(string) {}); err != nil {
		t.Fatal(err)
	}
	aggregate(t, c.objects)
	rules := rbac.New()
	for _, obj := range c.objects {
		rules.Apply(obj, false)
		subjects := []rbacv1.Subject{}
		switch b := obj.(type) {
		case *rbacv1.ClusterRoleBinding:
			subjects = b.Subjects
		case *rbacv1.RoleBinding:
			subjects = b.Subjects
		}
		for _, s := range subjects {
			if s.Kind == rbacv1.ServiceAccountKind && !slices.Contains(accounts, s.Namespace+":"+s.Name) {
				accounts = append(accounts, s.Namespace+":"+s.Name)
			}
		}
	}
	slices.Sort(accounts)
	for _, role := range []string{"view", "edit", "admin"} {
		rules.Apply(&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: role}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: role}},
		}, false)
	}
	rules.Apply(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "cluster-admin-user"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects: []rbacv1.Subject{{Kind: "User", Name: "cluster-admin"}},
	}, false)
	fixed, err := bootstrap.Rules("system:node")
	if err != nil {
		t.Fatal(err)
	}
	nodes := node.New(fixed)
	pods, volumes, attachments := nodes.Follower("pods"), nodes.Follower("persistentvolumes"), nodes.Follower("volumeattachments")
	for name, on := range map[string]string{"own": "own", "other": "other"} {
		pods("default", name, podOf(name, on))
		volumes("", name, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeSpec{ClaimRef: &corev1.ObjectReference{Namespace: "default", Name: name}}})
		attachments("", name, &storagev1.VolumeAttachment{Spec: storagev1.VolumeAttachmentSpec{NodeName: on}})
	}
	return authz.Union{{Authorizer: authz.Masters{}}, {Name: "node", Authorizer: nodes}, {Name: "rbac", Authorizer: rules}}, accounts
}

// podOf is a pod that names an object of its own name of every kind.
func podOf(name, on string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: corev1.PodSpec{
			NodeName: on, ServiceAccountName: name, ResourceClaims: []corev1.PodResourceClaim{{ResourceClaimName: &name}},
			Volumes: []corev1.Volume{
				{VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name}}},
				{VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}}},
				{VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name}}},
			},
		},
	}
}

// aggregate fills in what a controller would.
func aggregate(t *testing.T, objects []kinds.Object) {
	for range 3 { // admin gathers edit, which gathers view, in whatever order they are
		for _, obj := range objects {
			role, ok := obj.(*rbacv1.ClusterRole)
			if !ok || role.AggregationRule == nil {
				continue
			}
			role.Rules = nil
			for i := range role.AggregationRule.ClusterRoleSelectors {
				s, err := metav1.LabelSelectorAsSelector(&role.AggregationRule.ClusterRoleSelectors[i])
				if err != nil {
					t.Fatal(err)
				}
				for _, other := range objects {
					if from, ok := other.(*rbacv1.ClusterRole); ok && from != role && s.Matches(labels.Set(from.Labels)) {
						role.Rules = append(role.Rules, from.Rules...)
					}
				}
			}
		}
	}
}

type actor struct {
	title string
	user  authenticationv1.UserInfo
	names []string // the names asked for; "" for any
}

func actors(accounts []string) []actor {
	user := func(name string, groups ...string) authenticationv1.UserInfo {
		return authenticationv1.UserInfo{Username: name, Groups: append(groups, "system:authenticated")}
	}
	any := []string{""}
	out := []actor{
		{"anonymous", authenticationv1.UserInfo{Username: "system:anonymous", Groups: []string{"system:unauthenticated"}}, any},
		{"authenticated", user("somebody"), any},
	}
	for _, name := range []string{"view", "edit", "admin"} {
		out = append(out, actor{name + " of default", user(name), any})
	}
	out = append(out,
		actor{"cluster-admin", user("cluster-admin"), any}, actor{"system:masters", user("root", "system:masters"), any},
		actor{"system:monitoring", user("monitor", "system:monitoring"), any},
		actor{"system:node:own", user("system:node:own", "system:nodes"), []string{"own", "other", ""}},
		actor{"a node outside of system:nodes", user("system:node:own"), any},
	)
	for _, name := range []string{"system:kube-scheduler", "system:kube-controller-manager", "system:kube-proxy"} {
		out = append(out, actor{name, user(name), any})
	}
	for _, account := range accounts {
		namespace, _, _ := strings.Cut(account, ":")
		out = append(out, actor{"service account " + account, user("system:serviceaccount:"+account, "system:serviceaccounts", "system:serviceaccounts:"+namespace), any})
	}
	return out
}

// verbs that are asked for; the first eight are those of the API.
func verbs() []string {
	return []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate", "impersonate", "approve", "sign", "attest", "use"}
}

type place struct{ title, namespace, name string }

func (a *actor) places(r *kinds.Resource) (out []place) {
	for _, name := range a.names {
		suffix := ""
		if name != "" {
			suffix = " " + name
		}
		if !r.Namespaced {
			out = append(out, place{"cluster" + suffix, "", name})
			continue
		}
		for _, namespace := range []string{"", "default", "kube-system", "kube-node-lease"} {
			title := namespace
			if namespace == "" {
				title = "all"
			}
			out = append(out, place{title + suffix, namespace, name})
		}
	}
	return out
}

// resources are all that the server has, a version of each, and their subresources.
func resources() (out []*kinds.Resource) {
	seen := map[string]bool{}
	for _, r := range builtin.All() {
		if key := r.GroupResource().String(); !seen[key] {
			seen[key] = true
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *kinds.Resource) int {
		return strings.Compare(a.GroupResource().String(), b.GroupResource().String())
	})
	return out
}

func TestMatrix(t *testing.T) {
	z, accounts := world(t)
	var b strings.Builder
	fmt.Fprintln(&b, "# What each actor may do in a new cluster: resource, scope (and name), verbs. A resource without a line: nothing.")
	fmt.Fprintln(&b, "# The test that writes this is TestMatrix; run it with -update, and read the diff.")
	fmt.Fprintln(&b, "\n== resources")
	for _, r := range resources() {
		fmt.Fprint(&b, r.GroupResource())
		for _, s := range r.Subresources {
			fmt.Fprint(&b, " /", s.Name)
		}
		fmt.Fprintln(&b)
	}
	for _, a := range actors(accounts) {
		fmt.Fprintf(&b, "\n== %s\n", a.title)
		for _, r := range resources() {
			line(&b, z, &a, r, "")
			for _, s := range r.Subresources {
				line(&b, z, &a, r, s.Name)
			}
		}
		paths(&b, z, &a)
	}
	const file = "testdata/matrix.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, strings.Split(string(want), "\n"), strings.Split(b.String(), "\n"))
}

// line writes what the actor may do with a resource, if anything: scopes with the same verbs together.
func line(b *strings.Builder, z authz.Union, a *actor, r *kinds.Resource, sub string) {
	name := r.GroupResource().String()
	if sub != "" {
		name += "/" + sub
	}
	var order []string
	scopes := map[string][]string{}
	for _, p := range a.places(r) {
		var allowed []string
		for _, verb := range verbs() {
			decision, _, err := z.Authorize(context.Background(), request.Attributes{
				User: a.user, Verb: verb, Resource: true, Group: r.Group, Version: r.Version, Plural: r.Plural, Subresource: sub,
				Namespace: p.namespace, Name: p.name,
			})
			if err == nil && decision == authz.Allow {
				allowed = append(allowed, verb)
			}
		}
		text := strings.Join(allowed, ",")
		if len(allowed) == len(verbs()) {
			text = "*"
		}
		if text == "" {
			continue
		}
		if scopes[text] == nil {
			order = append(order, text)
		}
		scopes[text] = append(scopes[text], p.title)
	}
	for _, text := range order {
		fmt.Fprintf(b, "%s [%s] %s\n", name, strings.Join(scopes[text], ", "), text)
	}
}

func paths(b *strings.Builder, z authz.Union, a *actor) {
	var allowed []string
	for _, path := range []string{"/", "/api", "/apis/apps", "/healthz", "/livez", "/readyz", "/metrics", "/openapi/v3", "/version", "/logs/x", "/debug/pprof/", "/.well-known/openid-configuration", "/openid/v1/jwks"} {
		for _, verb := range []string{"get", "post"} {
			decision, _, err := z.Authorize(context.Background(), request.Attributes{User: a.user, Verb: verb, Path: path})
			if err == nil && decision == authz.Allow {
				allowed = append(allowed, verb+" "+path)
			}
		}
	}
	fmt.Fprintf(b, "paths: %s\n", strings.Join(allowed, ", "))
}

func compare(t *testing.T, want, got []string) {
	const most = 20
	told := 0
	tell := func(sign string, lines, others []string) {
		have := map[string]int{}
		for _, l := range others {
			have[l]++
		}
		for _, l := range lines {
			if have[l]--; have[l] < 0 && told < most {
				told++
				t.Errorf("%s %s", sign, l)
			}
		}
	}
	tell("no more:", want, got)
	tell("new:", got, want)
	if told > 0 {
		t.Error("if that is as it should be, run the test with -update and read the diff of testdata/matrix.txt")
	}
}

// TestEveryController is there for the service accounts of Kubernetes' controllers: each is in the matrix.
func TestEveryController(t *testing.T) {
	_, accounts := world(t)
	for _, name := range []string{
		"attachdetach-controller", "certificate-controller", "clusterrole-aggregation-controller", "cronjob-controller", "daemon-set-controller",
		"deployment-controller", "disruption-controller", "endpoint-controller", "endpointslice-controller", "endpointslicemirroring-controller",
		"ephemeral-volume-controller", "expand-controller", "generic-garbage-collector", "horizontal-pod-autoscaler", "job-controller",
		"namespace-controller", "node-controller", "persistent-volume-binder", "pod-garbage-collector", "pv-protection-controller",
		"pvc-protection-controller", "replicaset-controller", "replication-controller", "resourcequota-controller", "root-ca-cert-publisher",
		"route-controller", "service-account-controller", "service-controller", "statefulset-controller", "ttl-after-finished-controller", "ttl-controller",
		"resource-claim-controller", "token-cleaner", "bootstrap-signer", "legacy-service-account-token-cleaner",
	} {
		if !slices.Contains(accounts, "kube-system:"+name) {
			t.Errorf("no bootstrap binding names the service account %s", name)
		}
	}
}
