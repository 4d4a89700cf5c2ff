package noderestriction

import (
	"context"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	resourcev1 "k8s.io/api/resource/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func pod(name, node string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name, UID: "u-p"}, Spec: corev1.PodSpec{NodeName: node, ServiceAccountName: "sa"}}
}

func world() *admittest.World {
	mine := pod("mine", "n1")
	mine.Spec.Volumes = []corev1.Volume{
		{Name: "t", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Audience: "vault"}},
		}}}},
		{Name: "c", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "claim"}}},
	}
	return admittest.NewWorld(mine, pod("theirs", "n2"),
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", UID: "u-n1"}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "sa", UID: "u-sa"}},
		&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "claim"}, Spec: corev1.PersistentVolumeClaimSpec{VolumeName: "v"}},
		&corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "v"}, Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: "d"}}}},
		&storagev1.CSIDriver{ObjectMeta: metav1.ObjectMeta{Name: "d"}, Spec: storagev1.CSIDriverSpec{TokenRequests: []storagev1.TokenRequest{{Audience: "disk"}}}},
	)
}

// audiences allows nodes to ask for one audience more.
type audiences string

func (s audiences) Allowed(_ context.Context, _ authenticationv1.UserInfo, what authorizationv1.ResourceAttributes) (bool, string, error) {
	return what.Verb == "request-serviceaccounts-token-audience" && what.Resource == string(s), "", nil
}

// check runs the plugin as node n1 and compares the error by its prefix.
func check(t *testing.T, name string, a *admit.Attributes, want string) {
	t.Helper()
	admittest.By(a, "system:node:n1", "system:nodes", "system:authenticated")
	err := New(world(), audiences("extra")).Mutate(context.Background(), a)
	if err == nil && want != "" || err != nil && (want == "" || !strings.HasPrefix(err.Error(), want)) {
		t.Errorf("%s: got %v, want %q", name, err, want)
	}
}

func sub(a *admit.Attributes, resource, name string) *admit.Attributes {
	a.Subresource = name
	if resource != "" {
		a.Resource = &kinds.Resource{Version: "v1", Plural: resource}
	}
	return a
}

func TestWhoIsANode(t *testing.T) {
	for _, test := range []struct {
		name   string
		groups []string
		node   string
		ok     bool
	}{
		{"system:node:n1", []string{"system:nodes"}, "n1", true},
		{"system:node:", []string{"system:nodes"}, "", true},
		{"system:node:n1", []string{"other"}, "", false},
		{"n1", []string{"system:nodes"}, "", false},
	} {
		node, ok := NodeOf(authenticationv1.UserInfo{Username: test.name, Groups: test.groups})
		if node != test.node || ok != test.ok {
			t.Errorf("%s %v: %q, %v", test.name, test.groups, node, ok)
		}
	}
	a := admittest.By(admittest.Write(admit.Delete, nil, pod("theirs", "n2")), "somebody")
	if err := New(world(), nil).Mutate(context.Background(), a); err != nil {
		t.Errorf("restricted somebody who is no node: %v", err)
	}
	a = admittest.By(a, "system:node:", "system:nodes")
	if err := New(world(), nil).Mutate(context.Background(), a); err == nil || !strings.Contains(err.Error(), `could not determine node from user "system:node:"`) {
		t.Errorf("a node without a name: %v", err)
	}
}

func TestMirrorPods(t *testing.T) {
	const prefix = `pods "m" is forbidden: `
	owner := metav1.OwnerReference{APIVersion: "v1", Kind: "Node", Name: "n1", UID: "u-n1", Controller: ptr.To(true)}
	mirror := func(change func(*corev1.Pod)) *admit.Attributes {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "m", Annotations: map[string]string{corev1.MirrorPodAnnotationKey: "x"}, OwnerReferences: []metav1.OwnerReference{owner}}}
		p.Spec.NodeName = "n1"
		if change != nil {
			change(p)
		}
		return admittest.Write(admit.Create, p, nil)
	}
	volume := func(s corev1.VolumeSource) func(*corev1.Pod) {
		return func(p *corev1.Pod) { p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: s}} }
	}
	for name, test := range map[string]struct {
		change func(*corev1.Pod)
		want   string
	}{
		"mirror":          {nil, ""},
		"not a mirror":    {func(p *corev1.Pod) { p.Annotations = nil }, prefix + `pod does not have "kubernetes.io/config.mirror" annotation`},
		"another node":    {func(p *corev1.Pod) { p.Spec.NodeName = "n2" }, prefix + `node "n1" can only create pods with spec.nodeName set to itself`},
		"no owner":        {func(p *corev1.Pod) { p.OwnerReferences = nil }, prefix + `node "n1" can only create pods with an owner reference set to itself`},
		"another owner":   {func(p *corev1.Pod) { p.OwnerReferences[0].Name = "n2" }, prefix + `node "n1" can only create pods with an owner reference set to itself`},
		"no controller":   {func(p *corev1.Pod) { p.OwnerReferences[0].Controller = nil }, prefix + `node "n1" can only create pods with a controller owner reference set to itself`},
		"blocks deletion": {func(p *corev1.Pod) { p.OwnerReferences[0].BlockOwnerDeletion = ptr.To(true) }, prefix + `node "n1" must not set blockOwnerDeletion on an owner reference`},
		"another uid":     {func(p *corev1.Pod) { p.OwnerReferences[0].UID = "u" }, prefix + "node n1 UID mismatch: expected u got u-n1"},
		"service account": {func(p *corev1.Pod) { p.Spec.ServiceAccountName = "sa" }, prefix + `node "n1" can not create pods that reference "serviceaccounts"`},
		"config map": {func(p *corev1.Pod) {
			p.Spec.Containers = []corev1.Container{{EnvFrom: []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{}}}}}
		}, prefix + `node "n1" can not create pods that reference "configmaps"`},
		"secret volume": {volume(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{}}), prefix + `node "n1" can not create pods that reference "secrets (via secret volumes)"`},
		"claim":         {volume(corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{}}), prefix + `node "n1" can not create pods that reference "persistentvolumeclaims"`},
		"old driver with a secret": {volume(corev1.VolumeSource{RBD: &corev1.RBDVolumeSource{SecretRef: &corev1.LocalObjectReference{}}}),
			prefix + `node "n1" can not create pods that reference "secrets"`},
		"host path": {volume(corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{}}), ""},
	} {
		check(t, name, mirror(test.change), test.want)
	}
}

func TestPods(t *testing.T) {
	labelled := pod("mine", "n1")
	labelled.Labels = map[string]string{"a": "b"}
	check(t, "delete own", admittest.Write(admit.Delete, nil, pod("mine", "n1")), "")
	check(t, "delete other", admittest.Write(admit.Delete, nil, pod("theirs", "n2")), `pods "theirs" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself`)
	check(t, "delete missing", admittest.Write(admit.Delete, nil, pod("none", "n1")), `pod "none" not found`)
	check(t, "update", admittest.Write(admit.Update, pod("mine", "n1"), pod("mine", "n1")), `pods "mine" is forbidden: unexpected operation "UPDATE", node "n1" can only create and delete mirror pods`)
	check(t, "status", sub(admittest.Write(admit.Update, pod("mine", "n1"), pod("mine", "n1")), "", "status"), "")
	check(t, "status of another", sub(admittest.Write(admit.Update, pod("theirs", "n2"), pod("theirs", "n2")), "", "status"), `pods "theirs" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself`)
	check(t, "labels through status", sub(admittest.Write(admit.Update, labelled, pod("mine", "n1")), "", "status"), `pods "mine" is forbidden: node "n1" cannot update labels through pod status`)
	check(t, "binding", sub(admittest.Write(admit.Create, pod("mine", "n1"), nil), "", "binding"), `pods "mine" is forbidden: unexpected pod subresource "binding", only 'status' and 'eviction' are allowed`)
	evict := func(name string) *admit.Attributes {
		return sub(admittest.Write(admit.Create, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}}, nil), "pods", "eviction")
	}
	check(t, "evict own", evict("mine"), "")
	check(t, "evict other", evict("theirs"), `pods "theirs" is forbidden: node n1 can only evict pods with spec.nodeName set to itself`)
	check(t, "evict missing", evict("none"), `pod "none" not found`)
}

func TestNodes(t *testing.T) {
	node := func(name string, labels ...string) *corev1.Node {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{}}}
		for _, l := range labels {
			n.Labels[l] = "x"
		}
		return n
	}
	change := func(f func(*corev1.Node)) *admit.Attributes {
		n := node("n1")
		f(n)
		return admittest.Write(admit.Update, n, node("n1"))
	}
	const prefix = `nodes "n1" is forbidden: `
	check(t, "itself", admittest.Write(admit.Create, node("n1", "kubernetes.io/hostname", "sub.kubelet.kubernetes.io/a", "node.kubernetes.io/b", "example.com/c", "free", "topology.kubernetes.io/zone"), nil), "")
	check(t, "another", admittest.Write(admit.Create, node("n2"), nil), `nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"`)
	check(t, "labels", admittest.Write(admit.Create, node("n1", "kubernetes.io/other", "k8s.io/x", "sub.node-restriction.kubernetes.io/a", "node-role.kubernetes.io/control-plane"), nil),
		prefix+`node "n1" is not allowed to set the following labels: k8s.io/x, kubernetes.io/other, node-role.kubernetes.io/control-plane, sub.node-restriction.kubernetes.io/a`)
	check(t, "add a label", admittest.Write(admit.Update, node("n1", "node-restriction.kubernetes.io/a"), node("n1")), prefix+"is not allowed to modify labels: node-restriction.kubernetes.io/a")
	check(t, "remove a label", admittest.Write(admit.Update, node("n1"), node("n1", "kubernetes.io/other")), prefix+"is not allowed to modify labels: kubernetes.io/other")
	check(t, "taints", change(func(n *corev1.Node) { n.Spec.Taints = []corev1.Taint{{Key: "a"}} }), prefix+`node "n1" is not allowed to modify taints`)
	check(t, "owners", change(func(n *corev1.Node) { n.OwnerReferences = []metav1.OwnerReference{{Name: "a"}} }), prefix+`node "n1" is not allowed to modify ownerReferences`)
	check(t, "config source", change(func(n *corev1.Node) {
		n.Spec.ConfigSource = &corev1.NodeConfigSource{ConfigMap: &corev1.ConfigMapNodeConfigSource{}}
	}), prefix+`node "n1" is not allowed to update configSource`)
	check(t, "unschedulable", change(func(n *corev1.Node) { n.Spec.Unschedulable = true }), "")
}

func TestTokens(t *testing.T) {
	bound := &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: "mine", UID: "u-p"}
	ask := func(ref *authenticationv1.BoundObjectReference, audiences ...string) *admit.Attributes {
		a := admittest.Write(admit.Create, &authenticationv1.TokenRequest{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "sa"}, Spec: authenticationv1.TokenRequestSpec{BoundObjectRef: ref, Audiences: audiences}}, nil)
		return sub(a, "serviceaccounts", "token")
	}
	const prefix = `serviceaccounts "sa" is forbidden: `
	check(t, "projected", ask(bound, "vault"), "")
	check(t, "of a CSI driver", ask(bound, "disk"), "")
	check(t, "granted", ask(bound, "extra"), "")
	check(t, "another audience", ask(bound, "elsewhere"), prefix+`system:node:n1 is not authorized to request tokens for audience "elsewhere"`)
	check(t, "two audiences", ask(bound, "vault", "disk"), prefix+"node may only request 0 or 1 audiences")
	check(t, "unbound", ask(nil), prefix+"node requested token not bound to a pod")
	check(t, "without uid", ask(&authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: "mine"}), prefix+"node requested token with a pod binding without a uid")
	check(t, "another uid", ask(&authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: "mine", UID: "w"}), prefix+"the UID in the bound object reference (w) does not match the UID in record")
	check(t, "another node's pod", ask(&authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: "theirs", UID: "u-p"}), prefix+"node requested token bound to a pod scheduled on a different node")
	check(t, "missing pod", ask(&authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: "none", UID: "u-p"}), `pod "none" not found`)
}

func TestOthers(t *testing.T) {
	lease := func(ns, name string) *coordinationv1.Lease {
		return &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}}
	}
	slice := func(node *string) *resourcev1.ResourceSlice {
		return &resourcev1.ResourceSlice{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Spec: resourcev1.ResourceSliceSpec{NodeName: node}}
	}
	claim := func(size string, labels map[string]string) *corev1.PersistentVolumeClaim {
		return &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "claim", Labels: labels}, Status: corev1.PersistentVolumeClaimStatus{Capacity: corev1.ResourceList{"storage": resource.MustParse(size)}}}
	}
	check(t, "lease", admittest.Write(admit.Create, lease("kube-node-lease", "n1"), nil), "")
	check(t, "lease of another", admittest.Write(admit.Create, lease("kube-node-lease", "n2"), nil), `leases.coordination.k8s.io "n2" is forbidden: can only access node lease with the same name as the requesting node`)
	check(t, "lease elsewhere", admittest.Write(admit.Create, lease("ns", "n1"), nil), `leases.coordination.k8s.io "n1" is forbidden: can only access leases in the "kube-node-lease" system namespace`)
	check(t, "csinode", admittest.Write(admit.Create, &storagev1.CSINode{ObjectMeta: metav1.ObjectMeta{Name: "n2"}}, nil), `csinodes.storage.k8s.io "n2" is forbidden: can only access CSINode with the same name as the requesting node`)
	check(t, "slice", admittest.Write(admit.Create, slice(ptr.To("n1")), nil), "")
	check(t, "slice of another", admittest.Write(admit.Create, slice(ptr.To("n2")), nil), `resourceslices.resource.k8s.io "s" is forbidden: can only create ResourceSlice with the same NodeName as the requesting node`)
	check(t, "delete a slice of no node", admittest.Write(admit.Delete, nil, slice(nil)), `resourceslices.resource.k8s.io "s" is forbidden: can only delete ResourceSlice with the same NodeName as the requesting node`)
	check(t, "claim", admittest.Write(admit.Update, claim("1Gi", nil), claim("1Gi", nil)), `persistentvolumeclaims "claim" is forbidden: may only update PVC status`)
	check(t, "claim's size", sub(admittest.Write(admit.Update, claim("2Gi", nil), claim("1Gi", nil)), "", "status"), "")
	check(t, "claim's labels", sub(admittest.Write(admit.Update, claim("1Gi", map[string]string{"a": "b"}), claim("1Gi", nil)), "", "status"), `persistentvolumeclaims "claim" is forbidden: node "n1" is not allowed to update fields other than status.capacity and status.conditions`)
	csr := &certificatesv1.CertificateSigningRequest{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Spec: certificatesv1.CertificateSigningRequestSpec{SignerName: certificatesv1.KubeletServingSignerName, Request: []byte("x")}}
	check(t, "a broken CSR", admittest.Write(admit.Create, csr, nil), `certificatesigningrequests.certificates.k8s.io "c" is forbidden: unable to parse csr: PEM block type must be CERTIFICATE REQUEST`)
}

func TestPodCertificates(t *testing.T) {
	good := certificatesv1.PodCertificateRequestSpec{PodName: "mine", PodUID: "u-p", ServiceAccountName: "sa", ServiceAccountUID: "u-sa", NodeName: "n1", NodeUID: "u-n1"}
	for name, test := range map[string]struct {
		change func(*certificatesv1.PodCertificateRequestSpec)
		want   string
	}{
		"good":            {func(*certificatesv1.PodCertificateRequestSpec) {}, ""},
		"another node":    {func(s *certificatesv1.PodCertificateRequestSpec) { s.NodeName = "n2" }, `podcertificaterequests.certificates.k8s.io "r" is forbidden: PodCertificateRequest.Spec.NodeName="n2", which is not the requesting node "n1"`},
		"node uid":        {func(s *certificatesv1.PodCertificateRequestSpec) { s.NodeUID = "x" }, `PodCertificateRequest for pod "ns/mine" names node UID "x"`},
		"missing pod":     {func(s *certificatesv1.PodCertificateRequestSpec) { s.PodName = "none" }, `while retrieving pod "ns/none" named in the PodCertificateRequest: pod "none" not found`},
		"service account": {func(s *certificatesv1.PodCertificateRequestSpec) { s.ServiceAccountName = "x" }, `podcertificaterequests.certificates.k8s.io "r" is forbidden: PodCertificateRequest for pod "ns/mine" contains serviceAccountName ("x")`},
		"account uid":     {func(s *certificatesv1.PodCertificateRequestSpec) { s.ServiceAccountUID = "x" }, `PodCertificateRequest for pod "ns/mine" names service account UID "x"`},
	} {
		spec := good
		test.change(&spec)
		check(t, name, admittest.Write(admit.Create, &certificatesv1.PodCertificateRequest{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "r"}, Spec: spec}, nil), test.want)
	}
}
