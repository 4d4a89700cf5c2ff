package bootstraptoken

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

type secrets map[string]*corev1.Secret

func (s secrets) Get(_ context.Context, _, _, namespace, name string) (kinds.Object, error) {
	if o := s[namespace+"/"+name]; o != nil {
		return o, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "secrets"}, name)
}

func TestLookup(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	good := map[string]string{"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true", "expiration": "2026-01-02T00:00:00Z", "auth-extra-groups": "system:bootstrappers:workers"}
	for _, c := range []struct {
		name, token, key, value string
		typ                     corev1.SecretType
		want                    string
	}{
		{name: "good", want: "system:bootstrap:abcdef system:bootstrappers,system:bootstrappers:workers"},
		{name: "another secret", token: "abcdef.0123456789abcdee"},
		{name: "another id", token: "abcdeg.0123456789abcdef"},
		{name: "no token", token: "abcdef.0123456789abcdefg"},
		{name: "expired", key: "expiration", value: "2025-12-31T00:00:00Z"},
		{name: "unreadable time", key: "expiration", value: "tomorrow"},
		{name: "for signing only", key: "usage-bootstrap-authentication", value: "false"},
		{name: "a group of its own choice", key: "auth-extra-groups", value: "system:masters"},
		{name: "no extra groups", key: "auth-extra-groups", want: "system:bootstrap:abcdef system:bootstrappers"},
		{name: "an opaque secret", typ: corev1.SecretTypeOpaque},
	} {
		s := &corev1.Secret{Type: secretType, Data: map[string][]byte{}}
		if c.typ != "" {
			s.Type = c.typ
		}
		data := maps.Clone(good)
		if c.key != "" {
			data[c.key] = c.value
		}
		for k, v := range data {
			s.Data[k] = []byte(v)
		}
		token := c.token
		if token == "" {
			token = "abcdef.0123456789abcdef"
		}
		user, err := New(secrets{"kube-system/bootstrap-token-abcdef": s}, func() time.Time { return now }).Lookup(t.Context(), token)
		got := ""
		if user != nil {
			got = user.Username + " " + strings.Join(user.Groups, ",")
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %q %v", c.name, got, err)
		}
	}
}
