package serviceaccount

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/nave-k8s/nave/server/admit"
)

// limitSecrets refuses references to secrets that the account does not list.
func limitSecrets(account *corev1.ServiceAccount, pod *corev1.Pod) error {
	allowed := mountable(account)
	for _, v := range pod.Spec.Volumes {
		if v.Secret != nil && !allowed.Has(v.Secret.SecretName) {
			return fmt.Errorf(`volume with secret.secretName="%s" is not allowed because service account %s does not reference that secret`, v.Secret.SecretName, account.Name)
		}
	}
	for _, c := range pod.Spec.InitContainers {
		if err := limitEnv("init container", c.Name, c.Env, c.EnvFrom, account, allowed); err != nil {
			return err
		}
	}
	for _, c := range pod.Spec.Containers {
		if err := limitEnv("container", c.Name, c.Env, c.EnvFrom, account, allowed); err != nil {
			return err
		}
	}
	pull := sets.New[string]()
	for _, ref := range account.ImagePullSecrets {
		pull.Insert(ref.Name)
	}
	for i, ref := range pod.Spec.ImagePullSecrets {
		if !pull.Has(ref.Name) {
			return fmt.Errorf(`imagePullSecrets[%d].name="%s" is not allowed because service account %s does not reference that imagePullSecret`, i, ref.Name, account.Name)
		}
	}
	return nil
}

// limitEphemeral does the same for ephemeral containers, which come later.
func limitEphemeral(account *corev1.ServiceAccount, pod *corev1.Pod) error {
	allowed := mountable(account)
	for _, c := range pod.Spec.EphemeralContainers {
		if err := limitEnv("ephemeral container", c.Name, c.Env, c.EnvFrom, account, allowed); err != nil {
			return err
		}
	}
	return nil
}

func limitEnv(what, container string, env []corev1.EnvVar, from []corev1.EnvFromSource, account *corev1.ServiceAccount, allowed sets.Set[string]) error {
	for _, e := range env {
		if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil && !allowed.Has(e.ValueFrom.SecretKeyRef.Name) {
			return fmt.Errorf(`%s %s with envVar %s referencing secret.secretName="%s" is not allowed because service account %s does not reference that secret`, what, container, e.Name, e.ValueFrom.SecretKeyRef.Name, account.Name)
		}
	}
	for _, e := range from {
		if e.SecretRef != nil && !allowed.Has(e.SecretRef.Name) {
			return fmt.Errorf(`%s %s with envFrom referencing secret.secretName="%s" is not allowed because service account %s does not reference that secret`, what, container, e.SecretRef.Name, account.Name)
		}
	}
	return nil
}

func mountable(account *corev1.ServiceAccount) sets.Set[string] {
	out := sets.New[string]()
	for _, ref := range account.Secrets {
		out.Insert(ref.Name)
	}
	return out
}

// reviewMirror: a mirror pod shows what a node runs of its own accord, which is out of the API's hands.
func reviewMirror(a *admit.Attributes, pod *corev1.Pod) error {
	if pod.Spec.ServiceAccountName != "" {
		return admit.Forbidden(a, "a mirror pod may not reference service accounts")
	}
	if refersToSecret(pod) {
		return admit.Forbidden(a, "a mirror pod may not reference secrets")
	}
	for _, v := range pod.Spec.Volumes {
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if s.ServiceAccountToken != nil {
				return admit.Forbidden(a, "a mirror pod may not use ServiceAccountToken volume projections")
			}
		}
	}
	return nil
}

// refersToSecret reports whether anything in the pod names a secret.
func refersToSecret(pod *corev1.Pod) bool {
	if len(pod.Spec.ImagePullSecrets) > 0 {
		return true
	}
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, c := range list {
			if envRefersToSecret(c.Env, c.EnvFrom) {
				return true
			}
		}
	}
	for _, c := range pod.Spec.EphemeralContainers {
		if envRefersToSecret(c.Env, c.EnvFrom) {
			return true
		}
	}
	for i := range pod.Spec.Volumes {
		if volumeRefersToSecret(&pod.Spec.Volumes[i]) {
			return true
		}
	}
	return false
}

func envRefersToSecret(env []corev1.EnvVar, from []corev1.EnvFromSource) bool {
	for _, e := range env {
		if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
			return true
		}
	}
	for _, e := range from {
		if e.SecretRef != nil {
			return true
		}
	}
	return false
}

func volumeRefersToSecret(v *corev1.Volume) bool {
	switch {
	case v.Secret != nil:
		return true
	case v.Projected != nil:
		for _, s := range v.Projected.Sources {
			if s.Secret != nil {
				return true
			}
		}
		return false
	case v.AzureFile != nil:
		return v.AzureFile.SecretName != ""
	case v.CephFS != nil:
		return v.CephFS.SecretRef != nil
	case v.Cinder != nil:
		return v.Cinder.SecretRef != nil
	case v.FlexVolume != nil:
		return v.FlexVolume.SecretRef != nil
	case v.RBD != nil:
		return v.RBD.SecretRef != nil
	case v.ISCSI != nil:
		return v.ISCSI.SecretRef != nil
	case v.StorageOS != nil:
		return v.StorageOS.SecretRef != nil
	case v.ScaleIO != nil:
		return v.ScaleIO.SecretRef != nil
	case v.CSI != nil:
		return v.CSI.NodePublishSecretRef != nil
	}
	return false
}
