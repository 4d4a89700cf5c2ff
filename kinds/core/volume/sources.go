package volume

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/podspec"
)

// A chooser checks that a volume has one source, and that one. Later ones are refused unseen.
type chooser struct {
	path *field.Path
	errs field.ErrorList
	seen bool
}

// source notes a source that is there. The name under which a second one is refused can differ from the
// one in the errors of the first.
func (c *chooser) source(there bool, name, nameInErrors string, check func(path *field.Path) field.ErrorList) {
	switch {
	case !there:
	case c.seen:
		c.errs = append(c.errs, field.Forbidden(c.path.Child(name), "may not specify more than 1 volume type"))
	default:
		c.seen = true
		c.errs = append(c.errs, check(c.path.Child(nameInErrors))...)
	}
}

func validateVolumeSource(spec *corev1.PersistentVolumeSpec, name string, path *field.Path) field.ErrorList {
	c, s := &chooser{path: path}, &spec.PersistentVolumeSource
	c.source(s.HostPath != nil, "hostPath", "hostPath", func(p *field.Path) field.ErrorList { return podspec.ValidateHostPath(s.HostPath, p) })
	c.source(s.GCEPersistentDisk != nil, "gcePersistentDisk", "persistentDisk", func(p *field.Path) field.ErrorList {
		return podspec.ValidateGCEDisk(s.GCEPersistentDisk, p)
	})
	c.source(s.AWSElasticBlockStore != nil, "awsElasticBlockStore", "awsElasticBlockStore", func(p *field.Path) field.ErrorList {
		return podspec.ValidateAWSDisk(s.AWSElasticBlockStore, p)
	})
	c.source(s.Glusterfs != nil, "glusterfs", "glusterfs", func(p *field.Path) field.ErrorList { return validateGlusterfs(s.Glusterfs, p) })
	c.source(s.Flocker != nil, "flocker", "flocker", func(p *field.Path) field.ErrorList { return podspec.ValidateFlocker(s.Flocker, p) })
	c.source(s.NFS != nil, "nfs", "nfs", func(p *field.Path) field.ErrorList { return podspec.ValidateNFS(s.NFS, p) })
	c.source(s.RBD != nil, "rbd", "rbd", func(p *field.Path) field.ErrorList {
		return append(requireAny(p, "monitors", len(s.RBD.CephMonitors)), require(p, "image", s.RBD.RBDImage)...)
	})
	c.source(s.Quobyte != nil, "quobyte", "quobyte", func(p *field.Path) field.ErrorList { return podspec.ValidateQuobyte(s.Quobyte, p) })
	c.source(s.CephFS != nil, "cephFS", "cephfs", func(p *field.Path) field.ErrorList {
		return requireAny(p, "monitors", len(s.CephFS.Monitors))
	})
	c.source(s.ISCSI != nil, "iscsi", "iscsi", func(p *field.Path) field.ErrorList { return validateISCSI(s.ISCSI, name, p) })
	c.source(s.Cinder != nil, "cinder", "cinder", func(p *field.Path) field.ErrorList {
		return append(require(p, "volumeID", s.Cinder.VolumeID), validateSecret(s.Cinder.SecretRef, p.Child("secretRef"))...)
	})
	c.source(s.FC != nil, "fc", "fc", func(p *field.Path) field.ErrorList { return podspec.ValidateFC(s.FC, p) })
	if s.FlexVolume != nil { // which, as it happens, is accepted beside another
		c.seen = false
		c.source(true, "flexVolume", "flexVolume", func(p *field.Path) field.ErrorList { return validateFlex(s.FlexVolume, p) })
	}
	c.source(s.AzureFile != nil, "azureFile", "azureFile", func(p *field.Path) field.ErrorList { return validateAzureFile(s.AzureFile, p) })
	c.source(s.VsphereVolume != nil, "vsphereVolume", "vsphereVolume", func(p *field.Path) field.ErrorList {
		return require(p, "volumePath", s.VsphereVolume.VolumePath)
	})
	c.source(s.PhotonPersistentDisk != nil, "photonPersistentDisk", "photonPersistentDisk", func(p *field.Path) field.ErrorList {
		return require(p, "pdID", s.PhotonPersistentDisk.PdID)
	})
	c.source(s.PortworxVolume != nil, "portworxVolume", "portworxVolume", func(p *field.Path) field.ErrorList {
		return require(p, "volumeID", s.PortworxVolume.VolumeID)
	})
	c.source(s.AzureDisk != nil, "azureDisk", "azureDisk", func(p *field.Path) field.ErrorList { return podspec.ValidateAzureDisk(s.AzureDisk, p) })
	c.source(s.ScaleIO != nil, "scaleIO", "scaleIO", func(p *field.Path) field.ErrorList {
		errs := require(p, "gateway", s.ScaleIO.Gateway)
		errs = append(errs, require(p, "system", s.ScaleIO.System)...)
		return append(errs, require(p, "volumeName", s.ScaleIO.VolumeName)...)
	})
	c.source(s.Local != nil, "local", "local", func(p *field.Path) field.ErrorList {
		errs := validateLocal(s.Local, p)
		if spec.NodeAffinity == nil || spec.NodeAffinity.Required == nil {
			errs = append(errs, field.Required(path.Child("nodeAffinity"), "Local volume requires node affinity"))
		}
		return errs
	})
	c.source(s.StorageOS != nil, "storageos", "storageos", func(p *field.Path) field.ErrorList { return validateStorageOS(s.StorageOS, p) })
	c.source(s.CSI != nil, "csi", "csi", func(p *field.Path) field.ErrorList { return validateCSI(s.CSI, p) })
	if !c.seen {
		c.errs = append(c.errs, field.Required(path, "must specify a volume type"))
	}
	return c.errs
}

func require(path *field.Path, name, value string) field.ErrorList {
	if value != "" {
		return nil
	}
	return field.ErrorList{field.Required(path.Child(name), "")}
}

func requireAny(path *field.Path, name string, n int) field.ErrorList {
	if n > 0 {
		return nil
	}
	return field.ErrorList{field.Required(path.Child(name), "")}
}

func validateLocal(v *corev1.LocalVolumeSource, path *field.Path) field.ErrorList {
	if v.Path == "" {
		return require(path, "path", "")
	}
	return podspec.ValidateNoBacksteps(v.Path, path.Child("path"))
}

// validateSecret checks a reference to a secret in some namespace; nil is fine.
func validateSecret(ref *corev1.SecretReference, path *field.Path) field.ErrorList {
	if ref == nil {
		return nil
	}
	return append(require(path, "name", ref.Name), require(path, "namespace", ref.Namespace)...)
}

func validateCSI(v *corev1.CSIPersistentVolumeSource, path *field.Path) field.ErrorList {
	errs := validateDriver(v.Driver, path.Child("driver"))
	errs = append(errs, require(path, "volumeHandle", v.VolumeHandle)...)
	for _, s := range []struct {
		name string
		ref  *corev1.SecretReference
	}{
		{"controllerPublishSecretRef", v.ControllerPublishSecretRef},
		{"controllerExpandSecretRef", v.ControllerExpandSecretRef},
		{"nodePublishSecretRef", v.NodePublishSecretRef},
		{"nodeExpandSecretRef", v.NodeExpandSecretRef},
	} {
		errs = append(errs, validateSecret(s.ref, path.Child(s.name))...)
	}
	return errs
}

func validateDriver(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	if len(name) > 63 {
		errs = append(errs, field.TooLong(path, "", 63))
	}
	for _, msg := range validation.IsDNS1123Subdomain(strings.ToLower(name)) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	return errs
}

func validateGlusterfs(v *corev1.GlusterfsPersistentVolumeSource, path *field.Path) field.ErrorList {
	errs := append(require(path, "endpoints", v.EndpointsName), require(path, "path", v.Path)...)
	if v.EndpointsNamespace == nil {
		return errs
	}
	at := path.Child("endpointsNamespace")
	if *v.EndpointsNamespace == "" {
		return append(errs, field.Invalid(at, *v.EndpointsNamespace, "if the endpointnamespace is set, it must be a valid namespace name"))
	}
	for _, msg := range apivalidation.ValidateNamespaceName(*v.EndpointsNamespace, false) {
		errs = append(errs, field.Invalid(at, *v.EndpointsNamespace, msg))
	}
	return errs
}
