package volume

import (
	"bytes"
	"encoding/json"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds/internalname"
)

// sourceOrder is the order in which errors show the sources; the published type has another.
var sourceOrder = []string{
	"GCEPersistentDisk", "AWSElasticBlockStore", "HostPath", "Glusterfs", "NFS", "RBD", "Quobyte", "ISCSI", "FlexVolume",
	"Cinder", "CephFS", "FC", "Flocker", "AzureFile", "VsphereVolume", "AzureDisk", "PhotonPersistentDisk",
	"PortworxVolume", "ScaleIO", "Local", "StorageOS", "CSI",
}

// shownSource is a source as the error about a change of it prints it.
func shownSource(s corev1.PersistentVolumeSource) any {
	value := internalname.Value(s)
	raw, ok := value.(json.RawMessage)
	if !ok {
		return value
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || len(fields) != len(sourceOrder) {
		return value
	}
	var b bytes.Buffer
	for i, name := range sourceOrder {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		b.WriteByte(sep)
		b.WriteString(`"` + name + `":`)
		b.Write(fields[name])
	}
	b.WriteByte('}')
	return json.RawMessage(b.Bytes())
}
