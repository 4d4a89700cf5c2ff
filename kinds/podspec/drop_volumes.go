package podspec

import corev1 "k8s.io/api/core/v1"

// dropFromVolumes drops EmptyDirVolumeMode's field and AtomicWriteVolumeUserFields', which is in every kind of
// volume that the kubelet writes files to.
func dropFromVolumes(spec, old *corev1.PodSpec) {
	modes, users := false, false
	for i := range spec.Volumes {
		modes = modes || hasDirMode(&spec.Volumes[i])
		users = users || hasFileUser(&spec.Volumes[i])
	}
	if !modes && !users {
		return
	}
	for i := range old.Volumes {
		modes = modes && !hasDirMode(&old.Volumes[i])
		users = users && !hasFileUser(&old.Volumes[i])
	}
	for i := range spec.Volumes {
		v := &spec.Volumes[i]
		if modes && v.EmptyDir != nil {
			v.EmptyDir.Mode = nil
		}
		if users {
			for _, user := range fileUsers(v) {
				*user = nil
			}
		}
	}
}

func hasDirMode(v *corev1.Volume) bool { return v.EmptyDir != nil && v.EmptyDir.Mode != nil }

func hasFileUser(v *corev1.Volume) bool {
	for _, user := range fileUsers(v) {
		if *user != nil {
			return true
		}
	}
	return false
}

// fileUsers returns every place where a volume names the owner of its files.
func fileUsers(v *corev1.Volume) []**int64 {
	var all []**int64
	keys := func(items []corev1.KeyToPath) {
		for i := range items {
			all = append(all, &items[i].User)
		}
	}
	files := func(items []corev1.DownwardAPIVolumeFile) {
		for i := range items {
			all = append(all, &items[i].User)
		}
	}
	if v.Secret != nil {
		all = append(all, &v.Secret.DefaultUser)
		keys(v.Secret.Items)
	}
	if v.ConfigMap != nil {
		all = append(all, &v.ConfigMap.DefaultUser)
		keys(v.ConfigMap.Items)
	}
	if v.DownwardAPI != nil {
		all = append(all, &v.DownwardAPI.DefaultUser)
		files(v.DownwardAPI.Items)
	}
	if v.Projected == nil {
		return all
	}
	all = append(all, &v.Projected.DefaultUser)
	for i := range v.Projected.Sources {
		s := &v.Projected.Sources[i]
		if s.Secret != nil {
			keys(s.Secret.Items)
		}
		if s.ConfigMap != nil {
			keys(s.ConfigMap.Items)
		}
		if s.DownwardAPI != nil {
			files(s.DownwardAPI.Items)
		}
		if s.ServiceAccountToken != nil {
			all = append(all, &s.ServiceAccountToken.User)
		}
		if s.ClusterTrustBundle != nil {
			all = append(all, &s.ClusterTrustBundle.User)
		}
		if s.PodCertificate != nil {
			all = append(all, &s.PodCertificate.User)
		}
	}
	return all
}
