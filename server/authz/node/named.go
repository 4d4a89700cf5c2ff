package node

import (
	corev1 "k8s.io/api/core/v1"
)

// named are the objects that a pod names. A mirror pod names none: a node makes it, and could so let itself
// read anything.
func named(p *corev1.Pod) []object {
	if _, mirror := p.Annotations[corev1.MirrorPodAnnotationKey]; mirror {
		return nil
	}
	n := namer{namespace: p.Namespace}
	n.add(account, p.Spec.ServiceAccountName)
	for _, ref := range p.Spec.ImagePullSecrets {
		n.add(secret, ref.Name)
	}
	for i := range p.Spec.InitContainers {
		n.container(p.Spec.InitContainers[i].Env, p.Spec.InitContainers[i].EnvFrom)
	}
	for i := range p.Spec.Containers {
		n.container(p.Spec.Containers[i].Env, p.Spec.Containers[i].EnvFrom)
	}
	for i := range p.Spec.EphemeralContainers {
		n.container(p.Spec.EphemeralContainers[i].Env, p.Spec.EphemeralContainers[i].EnvFrom)
	}
	for i := range p.Spec.Volumes {
		n.volume(p.Name, &p.Spec.Volumes[i])
	}
	for i := range p.Spec.ResourceClaims {
		n.add(resourceClaim, claimName(p, &p.Spec.ResourceClaims[i]))
	}
	if s := p.Status.ExtendedResourceClaimStatus; s != nil {
		n.add(resourceClaim, s.ResourceClaimName)
	}
	return unique(n.objects)
}

// claimName is the resource claim that a pod uses, "" if there is none (yet).
func claimName(p *corev1.Pod, c *corev1.PodResourceClaim) string {
	if c.ResourceClaimName != nil {
		return *c.ResourceClaimName
	}
	for _, s := range p.Status.ResourceClaimStatuses {
		if s.Name == c.Name && s.ResourceClaimName != nil {
			return *s.ResourceClaimName
		}
	}
	return ""
}

type namer struct {
	namespace string
	objects   []object
}

func (n *namer) add(k kind, name string) {
	if name != "" {
		n.objects = append(n.objects, object{k, n.namespace, name})
	}
}

func (n *namer) secretRef(ref *corev1.LocalObjectReference) {
	if ref != nil {
		n.add(secret, ref.Name)
	}
}

func (n *namer) container(env []corev1.EnvVar, from []corev1.EnvFromSource) {
	for i := range env {
		v := env[i].ValueFrom
		if v == nil {
			continue
		}
		if v.SecretKeyRef != nil {
			n.add(secret, v.SecretKeyRef.Name)
		}
		if v.ConfigMapKeyRef != nil {
			n.add(configMap, v.ConfigMapKeyRef.Name)
		}
	}
	for i := range from {
		if from[i].SecretRef != nil {
			n.add(secret, from[i].SecretRef.Name)
		}
		if from[i].ConfigMapRef != nil {
			n.add(configMap, from[i].ConfigMapRef.Name)
		}
	}
}

func (n *namer) volume(pod string, v *corev1.Volume) {
	switch {
	case v.Secret != nil:
		n.add(secret, v.Secret.SecretName)
	case v.ConfigMap != nil:
		n.add(configMap, v.ConfigMap.Name)
	case v.Projected != nil:
		for _, s := range v.Projected.Sources {
			if s.Secret != nil {
				n.add(secret, s.Secret.Name)
			}
			if s.ConfigMap != nil {
				n.add(configMap, s.ConfigMap.Name)
			}
		}
	case v.PersistentVolumeClaim != nil:
		n.add(claim, v.PersistentVolumeClaim.ClaimName)
	case v.Ephemeral != nil:
		n.add(claim, pod+"-"+v.Name)
	case v.CSI != nil:
		n.secretRef(v.CSI.NodePublishSecretRef)
	case v.AzureFile != nil:
		n.add(secret, v.AzureFile.SecretName)
	case v.CephFS != nil:
		n.secretRef(v.CephFS.SecretRef)
	case v.Cinder != nil:
		n.secretRef(v.Cinder.SecretRef)
	case v.FlexVolume != nil:
		n.secretRef(v.FlexVolume.SecretRef)
	case v.RBD != nil:
		n.secretRef(v.RBD.SecretRef)
	case v.ScaleIO != nil:
		n.secretRef(v.ScaleIO.SecretRef)
	case v.ISCSI != nil:
		n.secretRef(v.ISCSI.SecretRef)
	case v.StorageOS != nil:
		n.secretRef(v.StorageOS.SecretRef)
	}
}

// volumeSecrets are the secrets of a bound volume that a kubelet needs. Where the volume names no namespace
// it is the claim's.
func volumeSecrets(pv *corev1.PersistentVolume) []object {
	n := namer{}
	add := func(namespace, name string) {
		if namespace == "" {
			namespace = pv.Spec.ClaimRef.Namespace
		}
		if name != "" {
			n.objects = append(n.objects, object{secret, namespace, name})
		}
	}
	ref := func(r *corev1.SecretReference) {
		if r != nil {
			add(r.Namespace, r.Name)
		}
	}
	s := &pv.Spec.PersistentVolumeSource
	switch {
	case s.CSI != nil:
		ref(s.CSI.NodePublishSecretRef)
		ref(s.CSI.NodeStageSecretRef)
		ref(s.CSI.NodeExpandSecretRef)
	case s.AzureFile != nil:
		namespace := ""
		if s.AzureFile.SecretNamespace != nil {
			namespace = *s.AzureFile.SecretNamespace
		}
		add(namespace, s.AzureFile.SecretName)
	case s.CephFS != nil:
		ref(s.CephFS.SecretRef)
	case s.Cinder != nil:
		ref(s.Cinder.SecretRef)
	case s.FlexVolume != nil:
		ref(s.FlexVolume.SecretRef)
	case s.RBD != nil:
		ref(s.RBD.SecretRef)
	case s.ScaleIO != nil:
		ref(s.ScaleIO.SecretRef)
	case s.ISCSI != nil:
		ref(s.ISCSI.SecretRef)
	case s.StorageOS != nil:
		if r := s.StorageOS.SecretRef; r != nil {
			add(r.Namespace, r.Name)
		}
	}
	return unique(n.objects)
}
