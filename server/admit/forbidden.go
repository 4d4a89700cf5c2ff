package admit

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Forbidden is the error of a plugin that refuses: 403 with
// `PLURAL "NAME" is forbidden: MESSAGE`. A create whose name is not made yet shows generateName and, if
// there is none either, "Unknown".
func Forbidden(a *Attributes, format string, args ...any) error {
	return apierrors.NewForbidden(a.Resource.GroupResource(), a.ShownName(), fmt.Errorf(format, args...))
}

// ShownName is the name that errors about the write show.
func (a *Attributes) ShownName() string {
	if a.Name != "" {
		return a.Name
	}
	if obj, ok := a.Object.(metav1.Object); ok && obj != nil {
		if name := obj.GetName(); name != "" {
			return name
		}
		if prefix := obj.GetGenerateName(); prefix != "" {
			return prefix
		}
	}
	return "Unknown"
}
