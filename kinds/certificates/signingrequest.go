package certificates

import (
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	certificatesv1beta1 "k8s.io/api/certificates/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func signingRequest() *kinds.Resource {
	status := kinds.For[*certificatesv1.CertificateSigningRequest]{
		PrepareUpdate: func(in kinds.Input, obj, old *certificatesv1.CertificateSigningRequest) {
			obj.Spec = old.Spec
			stampConditions(in.Now, obj, old)
		},
		ValidateUpdate: func(_ kinds.Input, obj, old *certificatesv1.CertificateSigningRequest) field.ErrorList {
			return validateSigningRequestUpdate(obj, old, signingDoor{certificate: true})
		},
		ResetFields: []string{"spec", "status.conditions"},
	}.Rules()
	approval := kinds.For[*certificatesv1.CertificateSigningRequest]{
		PrepareUpdate: func(in kinds.Input, obj, old *certificatesv1.CertificateSigningRequest) {
			obj.Spec = old.Spec
			obj.Status.Certificate = old.Status.Certificate
			stampConditions(in.Now, obj, old)
		},
		ValidateUpdate: func(_ kinds.Input, obj, old *certificatesv1.CertificateSigningRequest) field.ErrorList {
			return validateSigningRequestUpdate(obj, old, signingDoor{approval: true})
		},
		ResetFields: []string{"spec", "status.certificate"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "CertificateSigningRequest",
		Plural: "certificatesigningrequests", Singular: "certificatesigningrequest", ShortNames: []string{"csr"},
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &certificatesv1.CertificateSigningRequest{} },
		NewList: func() runtime.Object { return &certificatesv1.CertificateSigningRequestList{} },
		Storage: kinds.Storage{Key: "certificatesigningrequests", APIVersion: groupVersion},
		Rules: kinds.For[*certificatesv1.CertificateSigningRequest]{
			PrepareCreate: func(in kinds.Input, obj *certificatesv1.CertificateSigningRequest) {
				recordRequester(in.User, &obj.Spec)
				obj.Status = certificatesv1.CertificateSigningRequestStatus{}
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *certificatesv1.CertificateSigningRequest) {
				obj.Spec, obj.Status = old.Spec, old.Status
			},
			// Names are free: the metadata rules of the engine are all there is.
			ValidateName: func(string, bool) []string { return nil },
			Validate: func(_ kinds.Input, obj *certificatesv1.CertificateSigningRequest) field.ErrorList {
				return validateSigningRequest(obj, nil)
			},
			ValidateUpdate: func(_ kinds.Input, obj, old *certificatesv1.CertificateSigningRequest) field.ErrorList {
				return validateSigningRequestUpdate(obj, old, signingDoor{})
			},
			ResetFields: []string{"spec", "status"},
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
		Subresources: []*kinds.Subresource{
			{Name: "approval", Verbs: []string{"get", "patch", "update"}, Part: &approval},
			{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status},
		},
	}
}

// recordRequester writes down who asks, whatever the client says of it.
func recordRequester(user authenticationv1.UserInfo, spec *certificatesv1.CertificateSigningRequestSpec) {
	spec.Username, spec.UID, spec.Groups, spec.Extra = user.Username, user.UID, user.Groups, nil
	if len(user.Extra) > 0 {
		spec.Extra = make(map[string]certificatesv1.ExtraValue, len(user.Extra))
		for k, v := range user.Extra {
			spec.Extra[k] = certificatesv1.ExtraValue(v)
		}
	}
}

// stampConditions gives a time to conditions that came without one.
func stampConditions(now time.Time, obj, old *certificatesv1.CertificateSigningRequest) {
	for i := range obj.Status.Conditions {
		c := &obj.Status.Conditions[i]
		if c.LastUpdateTime.IsZero() {
			c.LastUpdateTime = metav1.NewTime(now)
		}
		if !c.LastTransitionTime.IsZero() {
			continue
		}
		c.LastTransitionTime = metav1.NewTime(now)
		for _, was := range old.Status.Conditions {
			if was.Type == c.Type && was.Status == c.Status && !was.LastTransitionTime.IsZero() {
				c.LastTransitionTime = was.LastTransitionTime
				break
			}
		}
	}
}
