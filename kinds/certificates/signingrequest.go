package certificates

import (
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	certificatesv1beta1 "k8s.io/api/certificates/v1beta1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func signingRequest() *kinds.Resource {
	status := kinds.For[*certificatesv1.CertificateSigningRequest]{
		PrepareUpdate: func(_ kinds.Input, obj, old *certificatesv1.CertificateSigningRequest) {
			obj.Spec = old.Spec
		},
		ResetFields: []string{"spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "CertificateSigningRequest",
		Plural: "certificatesigningrequests", Singular: "certificatesigningrequest", ShortNames: []string{"csr"},
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &certificatesv1.CertificateSigningRequest{} },
		NewList: func() runtime.Object { return &certificatesv1.CertificateSigningRequestList{} },
		Storage: kinds.Storage{Key: "certificatesigningrequests", APIVersion: groupVersion},
		Rules: kinds.For[*certificatesv1.CertificateSigningRequest]{
			PrepareCreate: func(_ kinds.Input, obj *certificatesv1.CertificateSigningRequest) {
				obj.Status = certificatesv1.CertificateSigningRequestStatus{}
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *certificatesv1.CertificateSigningRequest) {
				obj.Status = old.Status
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				cells.AgeColumn,
				kinds.Column{Name: "SignerName", Type: "string", Description: certificatesv1beta1.CertificateSigningRequestSpec{}.SwaggerDoc()["signerName"]},
				kinds.Column{Name: "Requestor", Type: "string", Description: certificatesv1beta1.CertificateSigningRequestSpec{}.SwaggerDoc()["request"]},
				kinds.Column{Name: "RequestedDuration", Type: "string", Description: certificatesv1beta1.CertificateSigningRequestSpec{}.SwaggerDoc()["expirationSeconds"]},
				kinds.Column{Name: "Condition", Type: "string", Description: certificatesv1beta1.CertificateSigningRequestStatus{}.SwaggerDoc()["conditions"]},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*certificatesv1.CertificateSigningRequest)
				return signingRequestCells(obj, now)
			},
		},
		Fields: kinds.Fields{
			Names: []string{"spec.signerName"}, NoNamespace: true,
			Values: func(o kinds.Object) fields.Set {
				return fields.Set{"spec.signerName": o.(*certificatesv1.CertificateSigningRequest).Spec.SignerName}
			},
			Refuse: kinds.RefuseUnsupported,
		},
		Subresources: []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
