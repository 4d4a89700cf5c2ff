package noderestriction

import (
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/diff"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/certificates"
)

// name is what the write is about: the object's name on create, the path's otherwise.
func name(a *admit.Attributes) string {
	if obj, ok := a.Object.(metav1.Object); ok && a.Operation == admit.Create {
		return obj.GetName()
	}
	return a.Name
}

// lease: a node's heartbeat, of its own name in the namespace for it.
func lease(a *admit.Attributes, node string) error {
	if a.Namespace != corev1.NamespaceNodeLease {
		return admit.Forbidden(a, "can only access leases in the %q system namespace", corev1.NamespaceNodeLease)
	}
	if name(a) != node {
		return admit.Forbidden(a, "can only access node lease with the same name as the requesting node")
	}
	return nil
}

func csiNode(a *admit.Attributes, node string) error {
	if name(a) != node {
		return admit.Forbidden(a, "can only access CSINode with the same name as the requesting node")
	}
	return nil
}

// resourceSlice: updates cannot change the node's name, so authorization has seen to them.
func resourceSlice(a *admit.Attributes, node string) error {
	obj, verb := a.Object, "create"
	switch a.Operation {
	case admit.Create:
	case admit.Delete:
		obj, verb = a.OldObject, "delete"
	default:
		return nil
	}
	slice, ok := obj.(*resourcev1.ResourceSlice)
	if !ok {
		return unexpected(a, obj)
	}
	if slice.Spec.NodeName == nil || *slice.Spec.NodeName != node {
		return admit.Forbidden(a, "can only %s ResourceSlice with the same NodeName as the requesting node", verb)
	}
	return nil
}

// signingRequest: a certificate for a node is asked for by that node.
func signingRequest(a *admit.Attributes, node string) error {
	if a.Operation != admit.Create {
		return nil
	}
	csr, ok := a.Object.(*certificatesv1.CertificateSigningRequest)
	if !ok {
		return unexpected(a, a.Object)
	}
	switch csr.Spec.SignerName {
	case certificatesv1.KubeletServingSignerName, certificatesv1.KubeAPIServerClientKubeletSignerName:
	default:
		return nil
	}
	request, err := certificates.ParseRequest(csr.Spec.Request)
	if err != nil {
		return admit.Forbidden(a, "unable to parse csr: %w", err)
	}
	if request.Subject.CommonName != "system:node:"+node {
		return admit.Forbidden(a, "can only create a node CSR with CN=system:node:%s", node)
	}
	return nil
}

// claimStatus: a node tells how large a volume has become, and nothing else about the claim.
func claimStatus(a *admit.Attributes, node string) error {
	if a.Operation != admit.Update {
		return admit.Forbidden(a, "unexpected operation %q", a.Operation)
	}
	old, ok := a.OldObject.(*corev1.PersistentVolumeClaim)
	if !ok {
		return unexpected(a, a.OldObject)
	}
	claim, ok := a.Object.(*corev1.PersistentVolumeClaim)
	if !ok {
		return unexpected(a, a.Object)
	}
	before, after := withoutSize(old), withoutSize(claim)
	if !apiequality.Semantic.DeepEqual(before, after) {
		return admit.Forbidden(a, "node %q is not allowed to update fields other than status.capacity and status.conditions: %v", node, diff.Diff(before, after))
	}
	return nil
}

func withoutSize(claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolumeClaim {
	c := claim.DeepCopy()
	c.ResourceVersion, c.ManagedFields = "", nil
	c.Status.Capacity, c.Status.Conditions = nil, nil
	c.Status.AllocatedResourceStatuses, c.Status.AllocatedResources = nil, nil
	return c
}
