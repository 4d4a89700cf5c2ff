package storage

import (
	"testing"
	"time"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestStorageClass(t *testing.T) {
	kindtest.Run(t, storageClass(), `{metadata: {name: a}, provisioner: p.example.com}`, []kindtest.Case{{
		Name: "defaults", Object: `{reclaimPolicy: Delete, volumeBindingMode: Immediate}`,
	}, {
		Name: "a provisioner is needed", Create: `{provisioner: ""}`, Errors: []string{`provisioner: Required value`},
	}, {
		Name: "what volumes were made by stays", Update: `{provisioner: other.example.com}`,
		Errors: []string{`provisioner: Invalid value: null: field is immutable`},
	}})
}

func TestCSIDriver(t *testing.T) {
	const unset = "spec.serviceAccountTokenInSecrets is unset…"
	kindtest.Run(t, csiDriver(), `{metadata: {name: d.example.com}, spec: {}}`, []kindtest.Case{{
		Name: "defaults", Object: `{spec: {attachRequired: true, podInfoOnMount: false, fsGroupPolicy: ReadWriteOnceWithFSType, volumeLifecycleModes: [Persistent], storageCapacity: false, requiresRepublish: false}}`,
	}, {
		Name: "tokens that may be logged", Create: `{spec: {tokenRequests: [{audience: a}]}}`, Warnings: []string{unset},
	}, {
		Name: "are told of once", Create: `{spec: {tokenRequests: [{audience: a}]}}`, Update: `{metadata: {labels: {a: b}}}`,
	}, {
		Name: "or when they come", Update: `{spec: {tokenRequests: [{audience: a}]}}`, Warnings: []string{unset},
	}, {
		Name: "the path is spelled so", Update: `{spec: {attachRequired: false}}`,
		Errors: []string{`spec.attachedRequired: Invalid value: false: field is immutable`},
	}})
}

func TestVolumeAttachment(t *testing.T) {
	kindtest.Run(t, volumeAttachment(), `{metadata: {name: a}, spec: {attacher: d, nodeName: n1, source: {persistentVolumeName: pv}}}`, []kindtest.Case{{
		Name: "one source", Create: `{spec: {source: {persistentVolumeName: null}}}`,
		Errors: []string{`spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName`},
	}, {
		Name: "the spec stays", Update: `{spec: {nodeName: n2}}`, Errors: []string{`spec: Invalid value: null: field is immutable`},
	}, {
		Name: "the status is written apart", Update: `{status: {attached: true}}`, Object: `{status: {attached: false}}`,
	}, {
		Name: "by its part", Part: "status", Update: `{metadata: {labels: {a: b}}, status: {attached: true}}`, Object: `{metadata: {labels: null}, status: {attached: true}}`,
	}})
}

func TestCSINode(t *testing.T) {
	kindtest.Run(t, csiNode(), `{metadata: {name: n1}, spec: {drivers: [{name: d, nodeID: x}]}}`, []kindtest.Case{{
		Name: "a driver says what the node is to it", Create: `{spec: {drivers: [{name: d, nodeID: ""}]}}`, Errors: []string{`spec.drivers[0].nodeID: Required value`},
	}, {
		Name: "and stays with it", Update: `{spec: {drivers: [{name: d, nodeID: z}]}}`,
		Errors: []string{`spec.drivers: Invalid value: {"Name":"d","NodeID":"z","TopologyKeys":null,"Allocatable":null}: field is immutable`},
	}})
}

func TestOneStorageClassIsMarked(t *testing.T) {
	class := func(name string, age time.Duration, isDefault bool) kinds.Object {
		c := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(kindtest.Now.Add(-age * time.Second))}}
		if isDefault {
			c.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
		}
		return c
	}
	rows := storageClass().Table.Together([]kinds.Object{class("a", 2, true), class("b", 1, false), class("c", 1, true), class("d", 1, true)}, kindtest.Now)
	for i, want := range []string{"a", "b", "c (default)", "d"} {
		if rows[i][0] != want {
			t.Errorf("%v, want %s", rows[i][0], want)
		}
	}
}
