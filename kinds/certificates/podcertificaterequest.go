package certificates

import (
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func podCertificateRequest() *kinds.Resource {
	status := kinds.For[*certificatesv1.PodCertificateRequest]{
		PrepareUpdate: func(_ kinds.Input, obj, old *certificatesv1.PodCertificateRequest) {
			obj.Spec = old.Spec
			metav1.ResetObjectMetaForStatus(obj, old)
		},
		ValidateUpdate: validatePodRequestStatus,
		ResetFields:    []string{"spec", "metadata"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "PodCertificateRequest",
		Plural: "podcertificaterequests", Singular: "podcertificaterequest",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &certificatesv1.PodCertificateRequest{} },
		NewList: func() runtime.Object { return &certificatesv1.PodCertificateRequestList{} },
		Storage: kinds.Storage{Key: "podcertificaterequests", APIVersion: "certificates.k8s.io/v1beta1"},
		Rules: kinds.For[*certificatesv1.PodCertificateRequest]{
			Default: func(obj *certificatesv1.PodCertificateRequest) {
				if obj.Spec.MaxExpirationSeconds == nil {
					day := int32(86400)
					obj.Spec.MaxExpirationSeconds = &day
				}
			},
			PrepareCreate: func(_ kinds.Input, obj *certificatesv1.PodCertificateRequest) {
				obj.Status = certificatesv1.PodCertificateRequestStatus{}
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *certificatesv1.PodCertificateRequest) {
				obj.Status = old.Status
			},
			Validate:       validatePodRequest,
			ValidateUpdate: validatePodRequestUpdate,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "PodName", Type: "string", Description: certificatesv1.PodCertificateRequestSpec{}.SwaggerDoc()["podName"]},
				kinds.Column{Name: "ServiceAccountName", Type: "string", Description: certificatesv1.PodCertificateRequestSpec{}.SwaggerDoc()["serviceAccountName"]},
				kinds.Column{Name: "NodeName", Type: "string", Description: certificatesv1.PodCertificateRequestSpec{}.SwaggerDoc()["nodeName"]},
				kinds.Column{Name: "SignerName", Type: "string", Description: certificatesv1.PodCertificateRequestSpec{}.SwaggerDoc()["signerName"]},
				kinds.Column{Name: "State", Type: "string", Description: "Is the request Pending, Issued, Denied, or Failed?"},
				kinds.Column{Name: "UnverifiedUserAnnotations", Type: "string", Description: certificatesv1.PodCertificateRequestSpec{}.SwaggerDoc()["unverifiedUserAnnotations"]},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*certificatesv1.PodCertificateRequest)
				return []any{obj.Name, obj.Spec.PodName, obj.Spec.ServiceAccountName, string(obj.Spec.NodeName), obj.Spec.SignerName, podRequestState(obj), userAnnotations(obj)}
			},
		},
		Fields: kinds.Fields{
			Names: []string{"spec.nodeName", "spec.signerName", "spec.podName"}, NoNamespace: true,
			Values: func(o kinds.Object) fields.Set {
				obj := o.(*certificatesv1.PodCertificateRequest)
				return fields.Set{"spec.nodeName": string(obj.Spec.NodeName), "spec.signerName": obj.Spec.SignerName, "spec.podName": obj.Spec.PodName}
			},
			Refuse: kinds.RefuseUnsupported,
		},
		RequireVersionOnUpdate: true,
		Subresources:           []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
