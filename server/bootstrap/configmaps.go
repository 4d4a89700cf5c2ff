package bootstrap

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// Authentication is what extension API servers must know to authenticate as this server does. They read it in
// the ConfigMap extension-apiserver-authentication.
type Authentication struct {
	ClientCA        []byte // PEM; nil without client certificates
	RequestHeaderCA []byte // PEM; nil without front proxies
	AllowedNames    []string
	Users, UIDs     []string // names of headers
	Groups, Extras  []string
}

// TokenTracking makes the ConfigMap that tells since when uses of legacy tokens are noted.
func TokenTracking(ctx context.Context, o Objects, now time.Time) error {
	const key = "since"
	want := configMap("kube-apiserver-legacy-service-account-token-tracking", map[string]string{key: now.UTC().Format(time.DateOnly)})
	return ensure("", "configmaps", want, func(obj kinds.Object) bool {
		have := obj.(*corev1.ConfigMap)
		if since, err := time.Parse(time.DateOnly, have.Data[key]); err == nil && !since.After(now) {
			return false
		}
		have.Data = want.Data
		return true
	})(ctx, o)
}

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: metav1.NamespaceSystem}, Data: data}
}

// Publish writes what others must know. CAs that are there already, of other servers, stay.
func (a Authentication) Publish(ctx context.Context, o Objects) error {
	if a.ClientCA == nil && a.RequestHeaderCA == nil {
		return nil
	}
	want := configMap("extension-apiserver-authentication", a.data(nil))
	return ensure("", "configmaps", want, func(obj kinds.Object) bool {
		have := obj.(*corev1.ConfigMap)
		data := a.data(have.Data)
		if maps.Equal(data, have.Data) {
			return false
		}
		have.Data = data
		return true
	})(ctx, o)
}

func (a Authentication) data(before map[string]string) map[string]string {
	data := maps.Clone(before)
	if data == nil {
		data = map[string]string{}
	}
	if a.ClientCA != nil {
		data["client-ca-file"] = withCertificates(data["client-ca-file"], a.ClientCA)
	}
	if a.RequestHeaderCA == nil {
		return data
	}
	data["requestheader-client-ca-file"] = withCertificates(data["requestheader-client-ca-file"], a.RequestHeaderCA)
	for key, names := range map[string][]string{
		"requestheader-allowed-names": a.AllowedNames, "requestheader-username-headers": a.Users, "requestheader-uid-headers": a.UIDs,
		"requestheader-group-headers": a.Groups, "requestheader-extra-headers-prefix": a.Extras,
	} {
		if names == nil {
			names = []string{}
		}
		text, err := json.Marshal(names)
		if err == nil { // strings can always be encoded
			data[key] = string(text)
		}
	}
	return data
}

// withCertificates adds to a bundle the certificates it lacks.
func withCertificates(before string, bundle []byte) string {
	out := before
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		if text := pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}); !bytes.Contains([]byte(out), text) {
			out += string(text)
		}
	}
	return out
}
