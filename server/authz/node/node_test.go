package node

import (
	"context"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/request"
)

func testPod(name, node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name},
		Spec: corev1.PodSpec{
			NodeName: node, ServiceAccountName: "robot",
			Containers: []corev1.Container{{EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "env"}}}}}},
			Volumes: []corev1.Volume{
				{Name: "a", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "conf"}}}},
				{Name: "b", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "claim"}}},
				{Name: "c", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{}}},
			},
		},
	}
}

func testVolume() *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: "disk"},
		Spec: corev1.PersistentVolumeSpec{
			ClaimRef: &corev1.ObjectReference{Namespace: "ns", Name: "claim"},
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{
				NodeStageSecretRef: &corev1.SecretReference{Namespace: "ns", Name: "stage"}, ControllerPublishSecretRef: &corev1.SecretReference{Namespace: "ns", Name: "controller"},
			}},
		},
	}
}

func TestReach(t *testing.T) {
	z := New([]rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"services"}}})
	pods, volumes := z.Follower("pods"), z.Follower("persistentvolumes")
	pods("ns", "p", testPod("p", "one"))
	pods("ns", "waiting", testPod("waiting", ""))
	mirror := testPod("mirror", "two")
	mirror.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
	pods("ns", "mirror", mirror)
	volumes("", "disk", testVolume())
	for _, c := range []struct {
		node, verb, group, plural, sub, name, fields string
		allowed                                      bool
		reason                                       string
	}{
		{node: "one", verb: "get", plural: "secrets", name: "env", allowed: true},
		{node: "one", verb: "watch", plural: "configmaps", name: "conf", allowed: true},
		{node: "one", verb: "get", plural: "secrets", name: "stage", allowed: true},
		{node: "one", verb: "get", plural: "secrets", name: "controller", reason: "no relationship found between node 'one' and this object"},
		{node: "one", verb: "get", plural: "persistentvolumes", name: "disk", allowed: true},
		{node: "one", verb: "get", plural: "persistentvolumeclaims", name: "claim", allowed: true},
		{node: "one", verb: "get", plural: "persistentvolumeclaims", name: "p-c", allowed: true},
		{node: "one", verb: "patch", plural: "persistentvolumeclaims", sub: "status", name: "claim", allowed: true},
		{node: "one", verb: "create", plural: "serviceaccounts", sub: "token", name: "robot", allowed: true},
		{node: "one", verb: "list", plural: "secrets", reason: "No Object name found"},
		{node: "two", verb: "get", plural: "secrets", name: "env", reason: "no relationship found between node 'two' and this object"},
		{node: "two", verb: "get", plural: "pods", name: "mirror", allowed: true},
		{node: "two", verb: "get", plural: "persistentvolumes", name: "disk", reason: "no relationship found between node 'two' and this object"},
		{node: "one", verb: "list", plural: "pods", fields: "spec.nodeName=one", allowed: true},
		{node: "one", verb: "list", plural: "pods", fields: "spec.nodeName!=two", reason: "can only list/watch pods with spec.nodeName field selector"},
		{node: "one", verb: "get", plural: "nodes", name: "two", reason: "node 'one' cannot read 'two', only its own Node object"},
		{node: "one", verb: "get", plural: "services", name: "x", allowed: true},
		{node: "one", verb: "delete", plural: "services", name: "x"},
		{node: "one", verb: "deletecollection", group: "resource.k8s.io", plural: "resourceslices", fields: "nodeName=one", allowed: true},
		{node: "", verb: "get", plural: "pods", reason: `unknown node for user "system:node:"`},
	} {
		a := request.Attributes{
			User: authenticationv1.UserInfo{Username: "system:node:" + c.node, Groups: []string{"system:nodes"}},
			Verb: c.verb, Resource: true, Group: c.group, Plural: c.plural, Subresource: c.sub, Namespace: "ns", Name: c.name, FieldText: c.fields,
		}
		if c.plural == "persistentvolumes" {
			a.Namespace = ""
		}
		decision, reason, err := z.Authorize(context.Background(), a)
		if err != nil || decision == authz.Deny || (decision == authz.Allow) != c.allowed || reason != c.reason {
			t.Errorf("%+v: got %v %q %v", c, decision, reason, err)
		}
	}
}

func TestGoneLeavesNothing(t *testing.T) {
	z := New(nil)
	pods, volumes := z.Follower("pods"), z.Follower("persistentvolumes")
	pods("ns", "p", testPod("p", "one"))
	pods("ns", "p", testPod("p", "one"))
	pods("ns", "q", testPod("q", "one"))
	volumes("", "disk", testVolume())
	volumes("", "disk", testVolume())
	pods("ns", "p", nil)
	if !z.graph.reaches(object{secret, "ns", "env"}, "one") {
		t.Error("q still names the secret")
	}
	pods("ns", "q", nil)
	volumes("", "disk", nil)
	if n := z.graph.size(); n != 0 {
		t.Errorf("%d entries are left", n)
	}
}
