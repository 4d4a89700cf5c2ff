package serviceaccount

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

const issuer = "https://kubernetes.default.svc"

type objects map[string]kinds.Object

func (o objects) Get(_ context.Context, group, plural, _, name string) (kinds.Object, error) {
	if obj := o[plural+"/"+name]; obj != nil {
		return obj, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: plural}, name)
}

func curveKey(t *testing.T, c elliptic.Curve) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newSigner(t *testing.T, issuer string, key crypto.Signer) *Signer {
	t.Helper()
	s, err := NewSigner(issuer, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var start = time.Unix(1_700_000_000, 0)

func TestVerify(t *testing.T) {
	rsaKey, _, err := NewPrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot", Namespace: "ns", UID: "uid-sa"}}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "ns", UID: "uid-p"}}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", UID: "uid-n"}}
	grant := func(change func(*Grant)) Grant {
		g := Grant{ServiceAccount: sa, Audiences: []string{"api"}, Seconds: 600, ID: "id"}
		if change != nil {
			change(&g)
		}
		return g
	}
	ending := func(ago time.Duration) *corev1.Pod {
		p := pod.DeepCopy()
		at := metav1.NewTime(start.Add(-ago))
		p.DeletionTimestamp = &at
		return p
	}
	tests := []struct {
		name      string
		key       crypto.Signer // other than the cluster's
		issuer    string
		grant     Grant
		later     time.Duration
		audiences []string
		objects   objects
		spoil     bool
		unknown   bool
		err       string
		stale     bool
	}{
		{name: "fine", grant: grant(nil)},
		{name: "other issuer", issuer: "https://elsewhere", grant: grant(nil), unknown: true},
		{name: "other key", key: curveKey(t, elliptic.P256()), grant: grant(nil), unknown: true},
		{name: "spoiled", grant: grant(nil), spoil: true, err: "go-jose/go-jose: error in cryptographic primitive"},
		{name: "expired", grant: grant(nil), later: 12 * time.Minute, err: "service account token has expired"},
		{name: "within the leeway", grant: grant(nil), later: 10*time.Minute + 30*time.Second},
		{name: "from the future", grant: grant(nil), later: -5 * time.Minute, err: "service account token is not valid yet"},
		{name: "other audience", grant: grant(nil), audiences: []string{"vault"}, err: `token audiences ["api"] is invalid for the target audiences ["vault"]`},
		{name: "account gone", grant: grant(nil), objects: objects{}, err: `serviceaccounts "robot" not found`},
		{name: "account anew", grant: grant(nil), objects: objects{"serviceaccounts/robot": &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{UID: "new"}}}, err: "service account UID (new) does not match claim (uid-sa)"},
		{name: "pod", grant: grant(func(g *Grant) { g.Pod, g.Node = pod, node }), objects: objects{"serviceaccounts/robot": sa, "pods/p": pod}},
		{name: "pod gone", grant: grant(func(g *Grant) { g.Pod = pod }), err: "service account token has been invalidated"},
		{name: "pod ending", grant: grant(func(g *Grant) { g.Pod = pod }), objects: objects{"serviceaccounts/robot": sa, "pods/p": ending(30 * time.Second)}},
		{name: "pod should have ended", grant: grant(func(g *Grant) { g.Pod = pod }), objects: objects{"serviceaccounts/robot": sa, "pods/p": ending(2 * time.Minute)}, err: "service account token has been invalidated"},
		{name: "node gone", grant: grant(func(g *Grant) { g.Node = node }), err: "service account token has been invalidated"},
		{name: "stale", grant: grant(func(g *Grant) { g.WarnAfter = 60 }), later: 2 * time.Minute, stale: true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			key := tc.key
			if key == nil {
				key = rsaKey
			}
			iss := tc.issuer
			if iss == "" {
				iss = issuer
			}
			token, err := newSigner(t, iss, key).Sign(NewClaims(tc.grant, start))
			if err != nil {
				t.Fatal(err)
			}
			if tc.spoil {
				token = token[:len(token)-8] + "AAAAAAAA"
			}
			objs := tc.objects
			if objs == nil {
				objs = objects{"serviceaccounts/robot": sa}
			}
			own, _ := KeyOf(rsaKey.Public())
			v := NewVerifier(VerifierConfig{Issuers: []string{issuer}, Keys: []Key{own}, Audiences: []string{"api"}, Objects: objs, Now: func() time.Time { return start.Add(tc.later) }})
			for range 2 { // the second time from memory
				id, err := v.Verify(context.Background(), token, tc.audiences)
				if got := errText(err); got != tc.err {
					t.Fatalf("error %q, want %q", got, tc.err)
				}
				if (id == nil) != (tc.unknown || tc.err != "") {
					t.Fatalf("identity %+v", id)
				}
				if id == nil {
					continue
				}
				if id.User.Username != "system:serviceaccount:ns:robot" || id.User.UID != "uid-sa" || id.User.Groups[1] != "system:serviceaccounts:ns" || id.User.Extra[CredentialIDKey][0] != "JTI=id" {
					t.Errorf("user %+v", id.User)
				}
				if (id.Stale != "") != tc.stale {
					t.Errorf("stale %q", id.Stale)
				}
			}
		})
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestKeysAndDocuments(t *testing.T) {
	rsaKey, rsaPEM, err := NewPrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	if k, err := ParsePrivateKey(rsaPEM); err != nil || !k.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(rsaKey.Public()) {
		t.Errorf("private key read back: %v", err)
	}
	data := rsaPEM
	for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		der, _ := x509.MarshalPKIXPublicKey(curveKey(t, c).Public())
		data = append(data, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...)
	}
	keys, err := ParsePublicKeys(data)
	if err != nil || len(keys) != 4 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	docs, err := NewDocuments(issuer, issuer+KeysPath, append(keys, keys[0]))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"issuer":"https://kubernetes.default.svc","jwks_uri":"https://kubernetes.default.svc/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256","ES384","ES512","RS256"]}`
	if string(docs.configuration) != want {
		t.Errorf("configuration %s", docs.configuration)
	}
	if n := strings.Count(string(docs.keys), `"kid"`); n != 4 {
		t.Errorf("%d keys in the set", n)
	}
	for _, bad := range []string{"", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		if _, err := ParsePublicKeys([]byte(bad)); err == nil {
			t.Errorf("%q was read as keys", bad)
		}
	}
}

func TestAccepts(t *testing.T) {
	for header, want := range map[string]bool{
		"": true, "*/*": true, "application/jwk-set+json": true, "application/json": false, "application/*": false,
		"text/html, application/jwk-set+json;q=0.1": true,
	} {
		if got := accepts([]string{header}, "application/jwk-set+json"); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

func TestSplitUsername(t *testing.T) {
	for user, want := range map[string]bool{Username("ns", "a"): true, "system:serviceaccount:ns": false, "system:serviceaccount::a": false, "system:serviceaccount:ns:a:b": false, "alice": false} {
		if _, _, ok := SplitUsername(user); ok != want {
			t.Errorf("%s: %v", user, ok)
		}
	}
}

func TestKnownTokensStayFew(t *testing.T) {
	k := newKnownTokens(4)
	for i := range 100 {
		k.put([32]byte{byte(i)}, &Claims{})
	}
	if len(k.claims) != 4 {
		t.Errorf("%d remembered", len(k.claims))
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2t1YmVybmV0ZXMuZGVmYXVsdC5zdmMifQ.AAAA")
	key, _, err := NewPrivateKey()
	if err != nil {
		f.Fatal(err)
	}
	own, _ := KeyOf(key.Public())
	v := NewVerifier(VerifierConfig{Issuers: []string{issuer}, Keys: []Key{own}, Audiences: []string{"api"}, Objects: objects{}, NoLookup: true, Now: func() time.Time { return start }})
	f.Fuzz(func(t *testing.T, token string) {
		if id, _ := v.Verify(context.Background(), token, nil); id != nil {
			t.Errorf("%q stands for %v", token, id.User)
		}
	})
}
