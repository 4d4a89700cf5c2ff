package serviceaccount

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const (
	tokenVolumePrefix = "kube-api-access-"
	tokenMountPath    = "/var/run/secrets/kubernetes.io/serviceaccount"
	// tokenSeconds is an hour and a little: the odd number tells a token that admission asked for from one
	// that a user asked for, and only the first is extended for old clients.
	tokenSeconds = 60*60 + 7
)

// mountToken mounts the account's token in each container that mounts nothing at its path.
func (p *Plugin) mountToken(pod *corev1.Pod) {
	name, found := "", false
	for _, v := range pod.Spec.Volumes {
		if strings.HasPrefix(v.Name, tokenVolumePrefix) {
			name, found = v.Name, true
			break
		}
	}
	if !found {
		name = tokenVolumePrefix + p.suffix(5)
	}
	mounted := mountIn(pod.Spec.InitContainers, name)
	mounted = mountIn(pod.Spec.Containers, name) || mounted
	if mounted && !found {
		pod.Spec.Volumes = append(pod.Spec.Volumes, tokenVolume(name))
	}
}

func mountIn(containers []corev1.Container, volume string) (mounted bool) {
next:
	for i := range containers {
		c := &containers[i]
		for _, m := range c.VolumeMounts {
			if m.MountPath == tokenMountPath {
				continue next
			}
		}
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: volume, ReadOnly: true, MountPath: tokenMountPath})
		mounted = true
	}
	return mounted
}

func tokenVolume(name string) corev1.Volume {
	mode, seconds := corev1.ProjectedVolumeSourceDefaultMode, int64(tokenSeconds)
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		DefaultMode: &mode,
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: &seconds}},
			{ConfigMap: &corev1.ConfigMapProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"},
				Items:                []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{
				Path:     "namespace",
				FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"},
			}}}},
		},
	}}}
}
