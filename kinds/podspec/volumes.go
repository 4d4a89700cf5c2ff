package podspec

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateVolumes checks the volumes and returns the valid ones by name: containers may mount only those,
// so that one mistake is not reported twice as something else.
func validateVolumes(volumes []corev1.Volume, meta *metav1.ObjectMeta, opts Options, path *field.Path) (map[string]*corev1.VolumeSource, field.ErrorList) {
	var errs field.ErrorList
	valid := make(map[string]*corev1.VolumeSource, len(volumes))
	made := claimsMadeFor(volumes, meta)
	for i := range volumes {
		v, at := &volumes[i], path.Index(i)
		found := validateVolumeSource(v, meta, opts, at)
		if v.Name == "" {
			found = append(found, field.Required(at.Child("name"), ""))
		} else {
			found = append(found, validateDNSLabel(v.Name, at.Child("name"))...)
		}
		if valid[v.Name] != nil {
			found = append(found, field.Duplicate(at.Child("name"), v.Name))
		}
		if len(found) == 0 {
			valid[v.Name] = &v.VolumeSource
		}
		errs = append(errs, found...)
		if c := v.PersistentVolumeClaim; c != nil && made[c.ClaimName] {
			errs = append(errs, field.Invalid(at.Child("persistentVolumeClaim", "claimName"), c.ClaimName, "must not reference a PVC that gets created for an ephemeral volume"))
		}
	}
	return valid, errs
}

// claimsMadeFor are the names of the claims that the ephemeral volumes of a pod lead to.
func claimsMadeFor(volumes []corev1.Volume, meta *metav1.ObjectMeta) map[string]bool {
	if meta == nil || meta.Name == "" {
		return nil
	}
	var made map[string]bool
	for i := range volumes {
		if volumes[i].Ephemeral != nil {
			if made == nil {
				made = map[string]bool{}
			}
			made[meta.Name+"-"+volumes[i].Name] = true
		}
	}
	return made
}

// oneVolume collects the errors of a volume's sources, of which there may be one.
type oneVolume struct {
	at   *field.Path
	errs field.ErrorList
	seen bool
}

// source takes note of a source that is there. The first is checked; name is how the others are refused.
func (o *oneVolume) source(there bool, name string, check func(at *field.Path) field.ErrorList) {
	switch {
	case !there:
	case o.seen:
		o.errs = append(o.errs, field.Forbidden(o.at.Child(name), "may not specify more than 1 volume type"))
	default:
		o.seen = true
		o.errs = append(o.errs, check(o.at)...)
	}
}

func validateVolumeSource(v *corev1.Volume, meta *metav1.ObjectMeta, opts Options, path *field.Path) field.ErrorList {
	o, s := oneVolume{at: path}, &v.VolumeSource
	o.source(s.EmptyDir != nil, "emptyDir", func(at *field.Path) field.ErrorList { return validateEmptyDir(s.EmptyDir, at.Child("emptyDir")) })
	o.source(s.HostPath != nil, "hostPath", func(at *field.Path) field.ErrorList { return validateHostPath(s.HostPath, at.Child("hostPath")) })
	o.source(s.GitRepo != nil, "gitRepo", func(at *field.Path) field.ErrorList { return validateGitRepo(s.GitRepo, at.Child("gitRepo")) })
	o.source(s.GCEPersistentDisk != nil, "gcePersistentDisk", func(at *field.Path) field.ErrorList {
		return validateGCEDisk(s.GCEPersistentDisk, at.Child("persistentDisk"))
	})
	o.source(s.AWSElasticBlockStore != nil, "awsElasticBlockStore", func(at *field.Path) field.ErrorList {
		return validateAWSDisk(s.AWSElasticBlockStore, at.Child("awsElasticBlockStore"))
	})
	o.source(s.Secret != nil, "secret", func(at *field.Path) field.ErrorList { return validateSecretVolume(s.Secret, at.Child("secret")) })
	o.source(s.NFS != nil, "nfs", func(at *field.Path) field.ErrorList { return validateNFS(s.NFS, at.Child("nfs")) })
	o.source(s.ISCSI != nil, "iscsi", func(at *field.Path) field.ErrorList { return validateISCSI(s.ISCSI, v.Name, at) })
	o.source(s.Glusterfs != nil, "glusterfs", func(at *field.Path) field.ErrorList { return validateGlusterfs(s.Glusterfs, at.Child("glusterfs")) })
	o.source(s.Flocker != nil, "flocker", func(at *field.Path) field.ErrorList { return validateFlocker(s.Flocker, at.Child("flocker")) })
	o.source(s.PersistentVolumeClaim != nil, "persistentVolumeClaim", func(at *field.Path) field.ErrorList {
		return require(s.PersistentVolumeClaim.ClaimName, at.Child("persistentVolumeClaim", "claimName"))
	})
	o.source(s.RBD != nil, "rbd", func(at *field.Path) field.ErrorList { return validateRBD(s.RBD, at.Child("rbd")) })
	o.source(s.Cinder != nil, "cinder", func(at *field.Path) field.ErrorList { return validateCinder(s.Cinder, at.Child("cinder")) })
	o.source(s.CephFS != nil, "cephFS", func(at *field.Path) field.ErrorList { return validateCephFS(s.CephFS, at.Child("cephfs")) })
	o.source(s.Quobyte != nil, "quobyte", func(at *field.Path) field.ErrorList { return validateQuobyte(s.Quobyte, at.Child("quobyte")) })
	// The API misspells this one, and clients see it.
	o.source(s.DownwardAPI != nil, "downwarAPI", func(at *field.Path) field.ErrorList {
		return validateDownwardVolume(s.DownwardAPI, at.Child("downwardAPI"))
	})
	o.source(s.FC != nil, "fc", func(at *field.Path) field.ErrorList { return validateFC(s.FC, at.Child("fc")) })
	o.source(s.FlexVolume != nil, "flexVolume", func(at *field.Path) field.ErrorList { return validateFlexVolume(s.FlexVolume, at.Child("flexVolume")) })
	o.source(s.ConfigMap != nil, "configMap", func(at *field.Path) field.ErrorList {
		return validateConfigMapVolume(s.ConfigMap, at.Child("configMap"))
	})
	o.source(s.AzureFile != nil, "azureFile", func(at *field.Path) field.ErrorList { return validateAzureFile(s.AzureFile, at.Child("azureFile")) })
	o.source(s.VsphereVolume != nil, "vsphereVolume", func(at *field.Path) field.ErrorList {
		return require(s.VsphereVolume.VolumePath, at.Child("vsphereVolume", "volumePath"))
	})
	o.source(s.PhotonPersistentDisk != nil, "photonPersistentDisk", func(at *field.Path) field.ErrorList {
		return require(s.PhotonPersistentDisk.PdID, at.Child("photonPersistentDisk", "pdID"))
	})
	o.source(s.PortworxVolume != nil, "portworxVolume", func(at *field.Path) field.ErrorList {
		return require(s.PortworxVolume.VolumeID, at.Child("portworxVolume", "volumeID"))
	})
	o.source(s.AzureDisk != nil, "azureDisk", func(at *field.Path) field.ErrorList { return validateAzureDisk(s.AzureDisk, at.Child("azureDisk")) })
	o.source(s.StorageOS != nil, "storageos", func(at *field.Path) field.ErrorList { return validateStorageOS(s.StorageOS, at.Child("storageos")) })
	o.source(s.Projected != nil, "projected", func(at *field.Path) field.ErrorList {
		return validateProjected(s.Projected, opts, at.Child("projected"))
	})
	o.source(s.ScaleIO != nil, "scaleIO", func(at *field.Path) field.ErrorList { return validateScaleIO(s.ScaleIO, at.Child("scaleIO")) })
	o.source(s.CSI != nil, "csi", func(at *field.Path) field.ErrorList { return validateCSI(s.CSI, at.Child("csi")) })
	o.source(s.Ephemeral != nil, "ephemeral", func(at *field.Path) field.ErrorList { return validateEphemeral(v, meta, at) })
	o.source(s.Image != nil, "image", func(at *field.Path) field.ErrorList { return validateImageVolume(s.Image, opts, at.Child("image")) })
	if !o.seen {
		o.errs = append(o.errs, field.Required(path, "must specify a volume type"))
	}
	return o.errs
}

func validateEphemeral(v *corev1.Volume, meta *metav1.ObjectMeta, path *field.Path) field.ErrorList {
	at := path.Child("ephemeral", "volumeClaimTemplate")
	var errs field.ErrorList
	if template := v.Ephemeral.VolumeClaimTemplate; template == nil {
		errs = append(errs, field.Required(at, ""))
	} else {
		errs = append(errs, validateClaimTemplate(template, at)...)
	}
	if meta != nil && meta.Name != "" && v.Name != "" {
		claim := meta.Name + "-" + v.Name
		for _, msg := range validation.IsDNS1123Subdomain(claim) {
			errs = append(errs, field.Invalid(path.Child("name"), v.Name, fmt.Sprintf("PVC name %q: %v", claim, msg)))
		}
	}
	return errs
}

func validateImageVolume(v *corev1.ImageVolumeSource, opts Options, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if opts.Pod { // a template may leave it to who makes pods of it
		errs = append(errs, require(v.Reference, path.Child("reference"))...)
	}
	return append(errs, validatePullPolicy(v.PullPolicy, path.Child("pullPolicy"))...)
}
