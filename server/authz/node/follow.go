package node

import (
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/nave-k8s/nave/kinds"
)

// Followed are the kinds that the graph is made of.
func Followed() [][2]string {
	return [][2]string{
		{"", "pods"}, {"", "persistentvolumes"}, {"storage.k8s.io", "volumeattachments"},
		{"resource.k8s.io", "resourceslices"}, {"certificates.k8s.io", "podcertificaterequests"},
	}
}

// Follower returns what is to be told of the objects of a kind: as they are now, or nil for one that is gone.
func (z *Authorizer) Follower(plural string) func(namespace, name string, obj kinds.Object) {
	g := &z.graph
	of := func(k kind, node func(kinds.Object) string) func(string, string, kinds.Object) {
		return func(namespace, name string, obj kinds.Object) {
			if obj == nil {
				g.remove(object{k, namespace, name})
				return
			}
			g.put(object{k, namespace, name}, node(obj), nil)
		}
	}
	switch plural {
	case "pods":
		return func(namespace, name string, obj kinds.Object) {
			if obj == nil {
				g.remove(object{pod, namespace, name})
				return
			}
			p := obj.(*corev1.Pod)
			g.put(object{pod, namespace, name}, p.Spec.NodeName, named(p))
		}
	case "persistentvolumes":
		return func(_, name string, obj kinds.Object) {
			pv, _ := obj.(*corev1.PersistentVolume)
			if obj == nil || pv.Spec.ClaimRef == nil {
				g.removeVolume(name)
				return
			}
			ref := pv.Spec.ClaimRef
			g.putVolume(name, boundVolume{claim: object{claim, ref.Namespace, ref.Name}, secrets: volumeSecrets(pv)})
		}
	case "volumeattachments":
		return of(attachment, func(obj kinds.Object) string { return obj.(*storagev1.VolumeAttachment).Spec.NodeName })
	case "resourceslices":
		return of(resourceSlice, func(obj kinds.Object) string {
			if name := obj.(*resourcev1.ResourceSlice).Spec.NodeName; name != nil {
				return *name
			}
			return ""
		})
	case "podcertificaterequests":
		return of(certificateRequest, func(obj kinds.Object) string {
			return string(obj.(*certificatesv1.PodCertificateRequest).Spec.NodeName)
		})
	}
	return nil
}
