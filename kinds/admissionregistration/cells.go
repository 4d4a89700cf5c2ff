package admissionregistration

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
)

const unset = "<unset>"

func paramKindCell(kind *admissionv1.ParamKind) string {
	if kind == nil {
		return unset
	}
	return kind.APIVersion + "/" + kind.Kind
}

// paramRefCell shows a reference by name as namespace/name; one by selector shows the selector as Go
// prints it, which is what clients see from kube-apiserver.
func paramRefCell(ref *admissionv1.ParamRef) string {
	switch {
	case ref == nil:
		return unset
	case ref.Name != "" && ref.Namespace != "":
		return ref.Namespace + "/" + ref.Name
	case ref.Name != "":
		return "*/" + ref.Name
	case ref.Selector != nil:
		return ref.Selector.String()
	}
	return unset
}
