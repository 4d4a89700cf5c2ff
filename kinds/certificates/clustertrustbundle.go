package certificates

import (
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func clusterTrustBundle() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ClusterTrustBundle",
		Plural: "clustertrustbundles", Singular: "clustertrustbundle",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &certificatesv1.ClusterTrustBundle{} },
		NewList: func() runtime.Object { return &certificatesv1.ClusterTrustBundleList{} },
		Storage: kinds.Storage{Key: "clustertrustbundles", APIVersion: "certificates.k8s.io/v1beta1"},
		Rules: kinds.For[*certificatesv1.ClusterTrustBundle]{
			// The name is checked with the signer, which it must begin with.
			ValidateName:   func(string, bool) []string { return nil },
			Validate:       validateTrustBundle,
			ValidateUpdate: validateTrustBundleUpdate,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "SignerName", Type: "string", Description: certificatesv1.ClusterTrustBundleSpec{}.SwaggerDoc()["signerName"]},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*certificatesv1.ClusterTrustBundle)
				signer := obj.Spec.SignerName
				if signer == "" {
					signer = "<none>"
				}
				return []any{obj.Name, signer}
			},
		},
		Fields: kinds.Fields{
			Names: []string{"spec.signerName"}, NoNamespace: true,
			Values: func(o kinds.Object) fields.Set {
				return fields.Set{"spec.signerName": o.(*certificatesv1.ClusterTrustBundle).Spec.SignerName}
			},
			Refuse: kinds.RefuseUnsupported,
		},
		RequireVersionOnUpdate: true,
	}
}
