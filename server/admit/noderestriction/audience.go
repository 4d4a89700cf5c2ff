package noderestriction

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
)

// named reports whether a volume of the pod needs tokens for the audience: a projected token, or a CSI driver
// that asks for tokens of the pods it mounts volumes for. What cannot be found names nothing.
func (p *Plugin) named(ctx context.Context, pod *corev1.Pod, audience string) bool {
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		driver := ""
		switch {
		case v.Projected != nil:
			for _, s := range v.Projected.Sources {
				if s.ServiceAccountToken != nil && s.ServiceAccountToken.Audience == audience {
					return true
				}
			}
		case v.CSI != nil:
			driver = v.CSI.Driver
		case v.Ephemeral != nil:
			driver = p.driverOfClaim(ctx, pod.Namespace, pod.Name+"-"+v.Name)
		case v.PersistentVolumeClaim != nil:
			driver = p.driverOfClaim(ctx, pod.Namespace, v.PersistentVolumeClaim.ClaimName)
		default:
			driver = migrated(v.AWSElasticBlockStore != nil, v.AzureDisk != nil, v.AzureFile != nil, v.Cinder != nil, v.GCEPersistentDisk != nil, v.PortworxVolume != nil, v.VsphereVolume != nil)
		}
		if driver != "" && p.driverNeeds(ctx, driver, audience) {
			return true
		}
	}
	return false
}

func (p *Plugin) driverNeeds(ctx context.Context, name, audience string) bool {
	obj, err := p.reader.Get(ctx, storagev1.GroupName, "csidrivers", "", name)
	if err != nil {
		return false
	}
	driver, ok := obj.(*storagev1.CSIDriver)
	if !ok {
		return false
	}
	for _, request := range driver.Spec.TokenRequests {
		if request.Audience == audience {
			return true
		}
	}
	return false
}

// driverOfClaim returns the CSI driver of the volume that the claim is bound to.
func (p *Plugin) driverOfClaim(ctx context.Context, namespace, name string) string {
	obj, err := p.reader.Get(ctx, "", "persistentvolumeclaims", namespace, name)
	if err != nil {
		return ""
	}
	claim, ok := obj.(*corev1.PersistentVolumeClaim)
	if !ok || claim.Spec.VolumeName == "" {
		return ""
	}
	obj, err = p.reader.Get(ctx, "", "persistentvolumes", "", claim.Spec.VolumeName)
	if err != nil {
		return ""
	}
	v, ok := obj.(*corev1.PersistentVolume)
	if !ok {
		return ""
	}
	if v.Spec.CSI != nil {
		return v.Spec.CSI.Driver
	}
	return migrated(v.Spec.AWSElasticBlockStore != nil, v.Spec.AzureDisk != nil, v.Spec.AzureFile != nil, v.Spec.Cinder != nil, v.Spec.GCEPersistentDisk != nil, v.Spec.PortworxVolume != nil, v.Spec.VsphereVolume != nil)
}

// migrated is the CSI driver that serves volumes of an old built-in kind today.
func migrated(awsEBS, azureDisk, azureFile, cinder, gcePD, portworx, vsphere bool) string {
	switch {
	case awsEBS:
		return "ebs.csi.aws.com"
	case azureDisk:
		return "disk.csi.azure.com"
	case azureFile:
		return "file.csi.azure.com"
	case cinder:
		return "cinder.csi.openstack.org"
	case gcePD:
		return "pd.csi.storage.gke.io"
	case portworx:
		return "pxd.portworx.com"
	case vsphere:
		return "csi.vsphere.vmware.com"
	}
	return ""
}
