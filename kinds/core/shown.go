package core

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Errors of kube-apiserver show some values as its internal types print: with Go names for fields. Clients
// see those texts, so these types, converted to for an error only, are fields in the same order without tags.
type (
	shownAddress struct {
		Type    corev1.NodeAddressType
		Address string
	}
	shownTaint struct {
		Key       string
		Value     string
		Effect    corev1.TaintEffect
		TimeAdded *metav1.Time
	}
	shownReference struct {
		Kind            string
		Namespace       string
		Name            string
		UID             types.UID
		APIVersion      string
		ResourceVersion string
		FieldPath       string
	}
	shownSource struct {
		Component string
		Host      string
	}
)
