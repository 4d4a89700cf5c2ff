package core

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func serviceAccount() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "ServiceAccount",
		Plural: "serviceaccounts", Singular: "serviceaccount", ShortNames: []string{"sa"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.ServiceAccount{} },
		NewList: func() runtime.Object { return &corev1.ServiceAccountList{} },
		Storage: kinds.Storage{Key: "serviceaccounts", APIVersion: "v1"},
		Rules: kinds.For[*corev1.ServiceAccount]{
			PrepareCreate: func(_ kinds.Input, obj *corev1.ServiceAccount) { keepSecretNames(obj) },
			PrepareUpdate: func(_ kinds.Input, obj, _ *corev1.ServiceAccount) { keepSecretNames(obj) },
			Warn:          warnServiceAccount,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(cells.NameColumn, cells.AgeColumn),
			Cells: func(obj kinds.Object, now time.Time) []any {
				return []any{obj.GetName(), cells.Age(obj.GetCreationTimestamp(), now)}
			},
		},
		Delete: kinds.Deletion{ReturnsObject: true},
		Subresources: []*kinds.Subresource{{
			Name: "token", Verbs: []string{"create"}, Handler: true,
			Kind: tokenRequestKind,
		}},
	}
}

// keepSecretNames leaves of each reference to a secret the name: it is in the account's own namespace.
func keepSecretNames(sa *corev1.ServiceAccount) {
	for i, s := range sa.Secrets {
		sa.Secrets[i] = corev1.ObjectReference{Name: s.Name}
	}
}

const enforceMountableSecrets = "kubernetes.io/enforce-mountable-secrets"

func warnServiceAccount(obj, old *corev1.ServiceAccount) []string {
	if _, set := obj.Annotations[enforceMountableSecrets]; !set {
		return nil
	}
	if old != nil {
		if _, was := old.Annotations[enforceMountableSecrets]; was {
			return nil
		}
	}
	return []string{fmt.Sprintf("metadata.annotations[%s]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets", enforceMountableSecrets)}
}
