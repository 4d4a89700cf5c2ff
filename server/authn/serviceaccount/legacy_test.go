package serviceaccount

import (
	"context"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestLegacy(t *testing.T) {
	key, _, err := NewPrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	full := Legacy{Namespace: "ns", Secret: "s", ServiceAccount: "robot", UID: "uid-sa"}
	tests := []struct {
		name      string
		subject   string
		legacy    Legacy
		audiences []string
		spoil     func(*corev1.Secret)
		without   string
		err       string
	}{
		{name: "fine", legacy: full},
		{name: "other subject", subject: Username("ns", "other"), legacy: full, err: "sub claim is invalid"},
		{name: "no secret named", legacy: Legacy{Namespace: "ns", ServiceAccount: "robot", UID: "uid-sa"}, err: "secretName claim is missing"},
		{name: "for others", legacy: full, audiences: []string{"vault"}, err: `token audiences ["api"] is invalid for the target audiences ["vault"]`},
		{name: "secret gone", legacy: full, without: "secrets/s", err: "service account token has been invalidated"},
		{name: "account gone", legacy: full, without: "serviceaccounts/robot", err: `serviceaccounts "robot" not found`},
		{name: "another token", legacy: full, spoil: func(s *corev1.Secret) { s.Data[corev1.ServiceAccountTokenKey] = []byte("x") }, err: "token does not match server's copy"},
		{name: "account anew", legacy: Legacy{Namespace: "ns", Secret: "s", ServiceAccount: "robot", UID: "old"}, err: "service account UID (uid-sa) does not match claim (old)"},
		{name: "unused for long", legacy: full, spoil: func(s *corev1.Secret) { s.Labels = map[string]string{invalidSinceLabel: "2026-01-01"} },
			err: "the token in secret ns/s for service account ns/robot has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			subject := tc.subject
			if subject == "" {
				subject = Username("ns", "robot")
			}
			token, err := newSigner(t, legacyIssuer, key).Sign(Claims{Claims: jwt.Claims{Subject: subject}, Legacy: tc.legacy})
			if err != nil {
				t.Fatal(err)
			}
			secret := &corev1.Secret{Data: map[string][]byte{corev1.ServiceAccountTokenKey: []byte(token)}}
			if tc.spoil != nil {
				tc.spoil(secret)
			}
			objs := objects{"secrets/s": secret, "serviceaccounts/robot": &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{UID: "uid-sa"}}}
			delete(objs, tc.without)
			own, _ := KeyOf(key.Public())
			v := NewVerifier(VerifierConfig{Issuers: []string{issuer}, Keys: []Key{own}, Audiences: []string{"api"}, Objects: objs, Now: func() time.Time { return start }})
			id, err := v.Verify(context.Background(), token, tc.audiences)
			if errText(err) != tc.err || (id == nil) != (tc.err != "") {
				t.Fatalf("%+v, error %q, want %q", id, errText(err), tc.err)
			}
			if id != nil && (id.User.Username != subject || id.User.UID != "uid-sa") {
				t.Errorf("user %+v", id.User)
			}
		})
	}
}

// A token says the claims of its own kind only.
func TestClaimsOnTheWire(t *testing.T) {
	c := NewClaims(Grant{ServiceAccount: &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "ns", UID: "u"}}, Audiences: []string{"api"}, Seconds: 60, ID: "id"}, start)
	key, _, _ := NewPrivateKey()
	token, err := newSigner(t, issuer, key).Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, NewVerifier(VerifierConfig{Keys: []Key{mustKey(t, key.Public())}}).algs)
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := parsed.UnsafeClaimsWithoutVerification(&said); err != nil {
		t.Fatal(err)
	}
	for name := range said {
		switch name {
		case "aud", "exp", "iat", "iss", "jti", "nbf", "sub", "kubernetes.io":
		default:
			t.Errorf("an extra claim %s", name)
		}
	}
	if k := said["kubernetes.io"].(map[string]any); len(k) != 2 || k["namespace"] != "ns" {
		t.Errorf("kubernetes.io: %v", k)
	}
}

func mustKey(t *testing.T, public any) Key {
	t.Helper()
	k, err := KeyOf(public)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
