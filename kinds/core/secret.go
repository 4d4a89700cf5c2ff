package core

import (
	"crypto/tls"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func secret() *kinds.Resource {
	doc := corev1.Secret{}.SwaggerDoc()
	return &kinds.Resource{
		Version: "v1", Kind: "Secret",
		Plural: "secrets", Singular: "secret",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.Secret{} },
		NewList: func() runtime.Object { return &corev1.SecretList{} },
		Storage: kinds.Storage{Key: "secrets", APIVersion: "v1"},
		Rules: kinds.For[*corev1.Secret]{
			Default:        defaultSecret,
			Validate:       validateSecret,
			ValidateUpdate: validateSecretUpdate,
			Warn:           warnSecret,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Type", Type: "string", Description: doc["type"]},
				kinds.Column{Name: "Data", Type: "string", Description: doc["data"]},
				cells.AgeColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				s := obj.(*corev1.Secret)
				return []any{s.Name, string(s.Type), int64(len(s.Data)), cells.Age(s.CreationTimestamp, now)}
			},
		},
		Fields: kinds.Fields{
			Names: []string{"type"}, Refuse: kinds.RefuseUnsupported,
			Values: func(obj kinds.Object) fields.Set { return fields.Set{"type": string(obj.(*corev1.Secret).Type)} },
		},
	}
}

// defaultSecret sets the type, and moves what came as text to data: stringData is for writing only.
func defaultSecret(obj *corev1.Secret) {
	if obj.Type == "" {
		obj.Type = corev1.SecretTypeOpaque
	}
	if len(obj.StringData) > 0 && obj.Data == nil {
		obj.Data = make(map[string][]byte, len(obj.StringData))
	}
	for k, v := range obj.StringData {
		obj.Data[k] = []byte(v)
	}
	obj.StringData = nil
}

// warnSecret tells of a TLS secret whose key and certificate do not fit; nobody is refused one.
func warnSecret(obj, _ *corev1.Secret) []string {
	if obj.Type != corev1.SecretTypeTLS {
		return nil
	}
	if _, err := tls.X509KeyPair(obj.Data[corev1.TLSCertKey], obj.Data[corev1.TLSPrivateKeyKey]); err != nil {
		return []string{err.Error()}
	}
	return nil
}
