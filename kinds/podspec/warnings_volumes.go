package podspec

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (w *warner) volumes() {
	for i := range w.spec.Volumes {
		v, at := &w.spec.Volumes[i], w.at("volumes").Index(i)
		for _, old := range []struct {
			there      bool
			name, text string
		}{
			{v.PhotonPersistentDisk != nil, "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"},
			{v.GitRepo != nil, "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"},
			{v.ScaleIO != nil, "scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
			{v.Flocker != nil, "flocker", "deprecated in v1.22, non-functional in v1.25+"},
			{v.StorageOS != nil, "storageOS", "deprecated in v1.22, non-functional in v1.25+"},
			{v.Quobyte != nil, "quobyte", "deprecated in v1.22, non-functional in v1.25+"},
			{v.Glusterfs != nil, "glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
			{v.CephFS != nil, "cephfs", "deprecated in v1.28, non-functional in v1.31+"},
			{v.RBD != nil, "rbd", "deprecated in v1.28, non-functional in v1.31+"},
		} {
			if old.there {
				w.add(at.Child(old.name), "%s", old.text)
			}
		}
		if v.Ephemeral != nil && v.Ephemeral.VolumeClaimTemplate != nil {
			w.texts = append(w.texts, ClaimWarnings(at.Child("ephemeral", "volumeClaimTemplate", "spec"), &v.Ephemeral.VolumeClaimTemplate.Spec)...)
		}
	}
	for i := range w.spec.Volumes {
		w.overlaps(&w.spec.Volumes[i])
	}
}

// ClaimWarnings returns texts about the spec of a PersistentVolumeClaim or of a template of one.
func ClaimWarnings(path *field.Path, spec *corev1.PersistentVolumeClaimSpec) []string {
	w := &warner{}
	for _, list := range []struct {
		name   string
		values corev1.ResourceList
	}{{"requests", spec.Resources.Requests}, {"limits", spec.Resources.Limits}} {
		if q, there := list.values[corev1.ResourceStorage]; there && q.MilliValue()%1000 != 0 {
			w.add(path.Child("resources", list.name).Key(string(corev1.ResourceStorage)), "fractional byte value %q is invalid, must be an integer", q.String())
		}
	}
	return w.texts
}

// A writtenPath is a file that a volume gets, and from what.
type writtenPath struct{ path, source string }

// overlaps warns of files of one volume that take each other's place.
func (w *warner) overlaps(v *corev1.Volume) {
	var paths []writtenPath
	kind := ""
	switch {
	case v.ConfigMap != nil:
		kind = "ConfigMap"
		for _, item := range v.ConfigMap.Items {
			paths = append(paths, writtenPath{item.Path, ""})
		}
	case v.Secret != nil:
		kind = "Secret"
		for _, item := range v.Secret.Items {
			paths = append(paths, writtenPath{item.Path, ""})
		}
	case v.DownwardAPI != nil:
		kind = "DownwardAPI"
		for _, item := range v.DownwardAPI.Items {
			paths = append(paths, writtenPath{item.Path, ""})
		}
	case v.Projected != nil:
		kind = "Projected"
		for i := range v.Projected.Sources {
			paths = append(paths, w.projectedPaths(v.Name, &v.Projected.Sources[i])...)
		}
	default:
		return
	}
	for i, p := range paths {
		for _, earlier := range paths[:i] {
			if !overlap(p.path, earlier.path) {
				continue
			}
			if kind == "Projected" {
				w.texts = append(w.texts, fmt.Sprintf("volume %q (%s): overlapping paths: %q (%s) with %q (%s)", v.Name, kind, p.path, p.source, earlier.path, earlier.source))
			} else {
				w.texts = append(w.texts, fmt.Sprintf("volume %q (%s): overlapping paths: %q with %q", v.Name, kind, p.path, earlier.path))
			}
		}
	}
}

func (w *warner) projectedPaths(volume string, s *corev1.VolumeProjection) []writtenPath {
	var paths []writtenPath
	add := func(path, source string) {
		if path != "" {
			paths = append(paths, writtenPath{strings.TrimRight(path, "/"), source})
		}
	}
	switch {
	case s.ConfigMap != nil:
		for _, item := range s.ConfigMap.Items {
			add(item.Path, fmt.Sprintf("ConfigMap %q", s.ConfigMap.Name))
		}
	case s.Secret != nil:
		for _, item := range s.Secret.Items {
			add(item.Path, fmt.Sprintf("Secret %q", s.Secret.Name))
		}
	case s.DownwardAPI != nil:
		for _, item := range s.DownwardAPI.Items {
			add(item.Path, "DownwardAPI")
		}
	case s.ServiceAccountToken != nil:
		add(s.ServiceAccountToken.Path, "ServiceAccountToken")
	case s.ClusterTrustBundle != nil:
		name := ""
		if n := s.ClusterTrustBundle.Name; n != nil {
			name = fmt.Sprintf(" %q", *n)
		} else if n := s.ClusterTrustBundle.SignerName; n != nil {
			name = fmt.Sprintf(" %q", *n)
		}
		add(s.ClusterTrustBundle.Path, "ClusterTrustBundle"+name)
	case s.PodCertificate != nil:
		add(s.PodCertificate.CredentialBundlePath, "PodCertificate chain")
		add(s.PodCertificate.KeyPath, "PodCertificate key")
		add(s.PodCertificate.CertificateChainPath, "PodCertificate chain")
	default:
		w.texts = append(w.texts, fmt.Sprintf("volume %q (Projected) has no sources provided", volume))
	}
	return paths
}

// overlap reports whether two files cannot both be: they are the same, or one lies in the other.
func overlap(a, b string) bool {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := min(len(x), len(y))
	return slices.Equal(x[:n], y[:n])
}
