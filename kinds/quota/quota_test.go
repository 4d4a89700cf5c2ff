package quota

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/kinds"
)

// list reads "cpu=1 pods=2".
func list(s string) corev1.ResourceList {
	out := corev1.ResourceList{}
	for _, part := range strings.Fields(s) {
		k, v, _ := strings.Cut(part, "=")
		out[corev1.ResourceName(k)] = resource.MustParse(v)
	}
	return out
}

func pod(requests, limits string) *corev1.Pod {
	p := &corev1.Pod{}
	p.Spec.Containers = []corev1.Container{{Name: "c", Resources: corev1.ResourceRequirements{Requests: list(requests), Limits: list(limits)}}}
	return p
}

func TestUsage(t *testing.T) {
	now := time.Unix(1000, 0)
	done := pod("cpu=1", "")
	done.Status.Phase = corev1.PodSucceeded
	leaving := pod("cpu=1", "")
	leaving.DeletionTimestamp, leaving.DeletionGracePeriodSeconds = &metav1.Time{Time: now.Add(-time.Minute)}, ptr.To[int64](30)
	starting := pod("cpu=1", "")
	starting.Spec.InitContainers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: list("cpu=3")}}}
	starting.Spec.Overhead = list("cpu=100m")
	service := func(kind corev1.ServiceType, allocate *bool, ports ...int32) *corev1.Service {
		s := &corev1.Service{Spec: corev1.ServiceSpec{Type: kind, AllocateLoadBalancerNodePorts: allocate}}
		for _, p := range ports {
			s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{NodePort: p})
		}
		return s
	}
	claim := &corev1.PersistentVolumeClaim{Spec: corev1.PersistentVolumeClaimSpec{StorageClassName: ptr.To("gold")}}
	claim.Spec.Resources.Requests = list("storage=1Gi")
	grown := claim.DeepCopy()
	grown.Spec.StorageClassName, grown.Status.AllocatedResources = nil, list("storage=2Gi")
	devices := &resourcev1.ResourceClaim{Spec: resourcev1.ResourceClaimSpec{Devices: resourcev1.DeviceClaim{Requests: []resourcev1.DeviceRequest{
		{Exactly: &resourcev1.ExactDeviceRequest{DeviceClassName: "gpu", AllocationMode: "ExactCount", Count: 2}},
		{FirstAvailable: []resourcev1.DeviceSubRequest{
			{DeviceClassName: "gpu", AllocationMode: "ExactCount", Count: 1}, {DeviceClassName: "gpu", AllocationMode: "ExactCount", Count: 3}, {DeviceClassName: "tpu", AllocationMode: "All"},
		}},
	}}}}
	for _, test := range []struct {
		name     string
		resource schema.GroupResource
		obj      kinds.Object
		want     string
	}{
		{"pod", schema.GroupResource{Resource: "pods"}, pod("cpu=1 memory=1Gi hugepages-2Mi=2Mi example.com/gpu=1", "cpu=2"),
			"count/pods=1,cpu=1,hugepages-2Mi=2Mi,limits.cpu=2,memory=1Gi,pods=1,requests.cpu=1,requests.example.com/gpu=1,requests.hugepages-2Mi=2Mi,requests.memory=1Gi"},
		{"pod with init containers and overhead", schema.GroupResource{Resource: "pods"}, starting, "count/pods=1,cpu=3100m,pods=1,requests.cpu=3100m"},
		{"pod that is done", schema.GroupResource{Resource: "pods"}, done, "count/pods=1"},
		{"pod that should be gone", schema.GroupResource{Resource: "pods"}, leaving, "count/pods=1"},
		{"service", schema.GroupResource{Resource: "services"}, service("ClusterIP", nil, 0), "count/services=1,services=1,services.loadbalancers=0,services.nodeports=0"},
		{"load balancer", schema.GroupResource{Resource: "services"}, service("LoadBalancer", nil, 0, 0), "count/services=1,services=1,services.loadbalancers=1,services.nodeports=2"},
		{"load balancer without node ports", schema.GroupResource{Resource: "services"}, service("LoadBalancer", ptr.To(false), 0, 30000), "count/services=1,services=1,services.loadbalancers=1,services.nodeports=1"},
		{"claim", schema.GroupResource{Resource: "persistentvolumeclaims"}, claim, "count/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/requests.storage=1Gi,persistentvolumeclaims=1,requests.storage=1Gi"},
		{"claim that was larger", schema.GroupResource{Resource: "persistentvolumeclaims"}, grown, "count/persistentvolumeclaims=1,persistentvolumeclaims=1,requests.storage=2Gi"},
		{"devices", schema.GroupResource{Group: "resource.k8s.io", Resource: "resourceclaims"}, devices, "count/resourceclaims.resource.k8s.io=1,gpu.deviceclass.resource.k8s.io/devices=5,tpu.deviceclass.resource.k8s.io/devices=32"},
		{"config map", schema.GroupResource{Resource: "configmaps"}, &corev1.ConfigMap{}, "configmaps=1,count/configmaps=1"},
		{"anything", schema.GroupResource{Group: "example.com", Resource: "widgets"}, &corev1.ConfigMap{}, "count/widgets.example.com=1"},
	} {
		m := MeterOf(test.resource)
		got, err := m.Usage(test.obj, now)
		if err != nil || Text(got) != test.want {
			t.Errorf("%s: got %s, %v; want %s", test.name, Text(got), err, test.want)
		}
		if matching := m.Matching(Names(got)); len(matching) != len(got) {
			t.Errorf("%s: of its own usage %s only %v matches", test.name, Text(got), matching)
		}
	}
	if MeterOf(schema.GroupResource{Resource: "events"}) != nil || MeterOf(schema.GroupResource{Group: "authorization.k8s.io", Resource: "localsubjectaccessreviews"}) != nil {
		t.Error("events or reviews are counted")
	}
}

func TestPodNames(t *testing.T) {
	for name, want := range map[corev1.ResourceName]bool{
		"cpu": true, "requests.memory": true, "limits.ephemeral-storage": true, "hugepages-1Gi": true, "requests.example.com/gpu": true,
		"example.com/gpu": false, "limits.example.com/gpu": false, "requests.storage": false, "services": false, "requests.kubernetes.io/x": false,
	} {
		if got := len((pods{}).Matching([]corev1.ResourceName{name})) == 1; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestConstraints(t *testing.T) {
	two := pod("cpu=1", "")
	two.Spec.Containers = append(two.Spec.Containers, corev1.Container{Name: "a"})
	whole := pod("", "")
	whole.Spec.Resources = &corev1.ResourceRequirements{Requests: list("cpu=1")}
	for _, test := range []struct {
		pod   *corev1.Pod
		names []corev1.ResourceName
		want  string
	}{
		{pod("cpu=1", ""), []corev1.ResourceName{"cpu", "requests.cpu", "pods"}, ""},
		{pod("", ""), []corev1.ResourceName{"pods", "requests.ephemeral-storage"}, ""},
		{two, []corev1.ResourceName{"requests.cpu", "limits.cpu"}, "must specify limits.cpu for: a,c; requests.cpu for: a"},
		{whole, []corev1.ResourceName{"requests.cpu"}, ""},
	} {
		err := pods{}.Constraints(test.names, test.pod)
		if err != nil && err.Error() != test.want || err == nil && test.want != "" {
			t.Errorf("%v: got %v, want %q", test.names, err, test.want)
		}
	}
}

func TestScopes(t *testing.T) {
	exists := func(name corev1.ResourceQuotaScope) corev1.ScopedResourceSelectorRequirement {
		return corev1.ScopedResourceSelectorRequirement{ScopeName: name, Operator: corev1.ScopeSelectorOpExists}
	}
	deadline, vip, affine := pod("cpu=1", ""), pod("", ""), pod("", "")
	deadline.Spec.ActiveDeadlineSeconds = ptr.To[int64](5)
	vip.Spec.PriorityClassName = "vip"
	affine.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{{PodAffinityTerm: corev1.PodAffinityTerm{Namespaces: []string{"x"}}}}}}
	class := func(op corev1.ScopeSelectorOperator, values ...string) corev1.ScopedResourceSelectorRequirement {
		return corev1.ScopedResourceSelectorRequirement{ScopeName: corev1.ResourceQuotaScopePriorityClass, Operator: op, Values: values}
	}
	for _, test := range []struct {
		scope corev1.ScopedResourceSelectorRequirement
		pod   *corev1.Pod
		want  bool
	}{
		{exists(corev1.ResourceQuotaScopeTerminating), deadline, true},
		{exists(corev1.ResourceQuotaScopeNotTerminating), deadline, false},
		{exists(corev1.ResourceQuotaScopeBestEffort), deadline, false},
		{exists(corev1.ResourceQuotaScopeNotBestEffort), deadline, true},
		{exists(corev1.ResourceQuotaScopeBestEffort), vip, true},
		{exists(corev1.ResourceQuotaScopePriorityClass), vip, true},
		{exists(corev1.ResourceQuotaScopePriorityClass), deadline, false},
		{class("In", "a", "vip"), vip, true},
		{class("NotIn", "a", "vip"), vip, false},
		{class("NotIn", "a"), deadline, true},
		{class("DoesNotExist"), deadline, true},
		{exists(corev1.ResourceQuotaScopeCrossNamespacePodAffinity), affine, true},
		{exists(corev1.ResourceQuotaScopeCrossNamespacePodAffinity), vip, false},
	} {
		if got, err := (pods{}).InScope(test.scope, test.pod); err != nil || got != test.want {
			t.Errorf("%v: got %v, %v", test.scope, got, err)
		}
	}
	claim := &corev1.PersistentVolumeClaim{Status: corev1.PersistentVolumeClaimStatus{CurrentVolumeAttributesClassName: ptr.To("silver")}}
	claim.Spec.VolumeAttributesClassName = ptr.To("gold")
	for _, value := range []string{"gold", "silver"} {
		scope := corev1.ScopedResourceSelectorRequirement{ScopeName: corev1.ResourceQuotaScopeVolumeAttributesClass, Operator: "In", Values: []string{value}}
		if in, err := (volumeClaims{}).InScope(scope, claim); err != nil || !in {
			t.Errorf("claim not in the scope of %s: %v", value, err)
		}
	}
}
