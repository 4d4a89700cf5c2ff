package subresource

import (
	"context"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/authn/serviceaccount"
)

// said keeps what was signed.
type said struct{ claims serviceaccount.Claims }

func (s *said) Sign(c serviceaccount.Claims) (string, error) {
	s.claims = c
	return "signed", nil
}

func tokenHandler(m *memory, change func(*TokenConfig)) (*Handler, *said) {
	s := &said{}
	c := TokenConfig{Signer: s, Audiences: []string{"api"}, Extend: true}
	if change != nil {
		change(&c)
	}
	return Handlers(Config{Reader: m, Writer: m, Deleter: m, Now: testClock, Tokens: c})["serviceaccounts/token"], s
}

func tokenObjects() *memory {
	return newMemory(
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default", Namespace: "ns", UID: "uid-sa"}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "other", Namespace: "ns", UID: "uid-other"}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s", Namespace: "ns", UID: "uid-s"}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", UID: "uid-n"}},
		testPod("p"), testPod("q", func(p *corev1.Pod) { p.Spec.NodeName = "n" }), testPod("r", func(p *corev1.Pod) { p.Spec.NodeName = "lost" }),
	)
}

func TestTokenRefusals(t *testing.T) {
	type R = authenticationv1.TokenRequest
	bound := func(kind, name string) func(*R) {
		return func(r *R) {
			r.Spec.BoundObjectRef = &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: kind, Name: name}
		}
	}
	tests := []struct {
		name, account string
		change        func(*R)
		code          int
		message       string
	}{
		{name: "plain", change: func(*R) {}, code: 201},
		{name: "short", change: func(r *R) { r.Spec.ExpirationSeconds = ptr(int64(599)) }, code: 422,
			message: `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`},
		{name: "long", change: func(r *R) { r.Spec.ExpirationSeconds = ptr(int64(1<<32 + 1)) }, code: 422,
			message: `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`},
		{name: "longest", change: func(r *R) { r.Spec.ExpirationSeconds = ptr(int64(1 << 32)) }, code: 201},
		{name: "no account", account: "none", change: func(*R) {}, code: 404, message: `serviceaccounts "none" not found`},
		{name: "other name", change: func(r *R) { r.Name = "x" }, code: 422,
			message: `TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified`},
		{name: "other uid", change: func(r *R) { r.UID = "x" }, code: 409,
			message: `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "default": the UID in the token request (x) does not match the UID of the service account (uid-sa)`},
		{name: "config map", change: bound("ConfigMap", "x"), code: 400, message: "cannot bind token to object of type /v1, Kind=ConfigMap"},
		{name: "nothing", change: func(r *R) { r.Spec.BoundObjectRef = &authenticationv1.BoundObjectReference{} }, code: 400, message: "cannot bind token to object of type /, Kind="},
		{name: "nameless", change: bound("Pod", ""), code: 400, message: "Name parameter required."},
		{name: "no pod", change: bound("Pod", "none"), code: 404, message: `pods "none" not found`},
		{name: "no node", change: bound("Node", "none"), code: 404, message: `nodes "none" not found`},
		{name: "pod of another", account: "other", change: bound("Pod", "p"), code: 400, message: `cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.`},
		{name: "pod recreated", change: func(r *R) { bound("Pod", "p")(r); r.Spec.BoundObjectRef.UID = "x" }, code: 409,
			message: `Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			h, _ := tokenHandler(tokenObjects(), nil)
			account := tc.account
			if account == "" {
				account = "default"
			}
			r := &R{}
			tc.change(r)
			h.Default(r)
			if code, message := statusOf(createErr(h, call(account, r))); code != tc.code || message != tc.message {
				t.Errorf("got %d %s\nwant %d %s", code, message, tc.code, tc.message)
			}
		})
	}
}

func TestTokenClaims(t *testing.T) {
	type ref = authenticationv1.BoundObjectReference
	tests := []struct {
		name      string
		ref       *ref
		seconds   int64
		max       int64
		audiences []string
		node      string // uid
		pod       bool
		lives     int64
		shown     int64
		warn      bool
	}{
		{name: "plain", seconds: 3600, lives: 3600, shown: 3600},
		{name: "bound to a pod", ref: &ref{Kind: "Pod", APIVersion: "v1", Name: "p"}, seconds: 3600, pod: true, lives: 3600, shown: 3600},
		{name: "pod on a node", ref: &ref{Kind: "Pod", APIVersion: "v1", Name: "q"}, seconds: 3600, pod: true, node: "uid-n", lives: 3600, shown: 3600},
		{name: "extended", ref: &ref{Kind: "Pod", APIVersion: "v1", Name: "p"}, seconds: 3607, pod: true, lives: 365 * 24 * 3600, shown: 3607, warn: true},
		{name: "extended up to a limit", ref: &ref{Kind: "Pod", APIVersion: "v1", Name: "p"}, seconds: 3607, max: 7200, pod: true, lives: 7200, shown: 3607, warn: true},
		{name: "not extended for others", ref: &ref{Kind: "Pod", APIVersion: "v1", Name: "p"}, seconds: 3607, audiences: []string{"vault"}, pod: true, lives: 3607, shown: 3607},
		{name: "not extended unbound", seconds: 3607, lives: 3607, shown: 3607},
		{name: "bound to a node", ref: &ref{Kind: "Node", APIVersion: "v1", Name: "n"}, seconds: 3600, node: "uid-n", lives: 3600, shown: 3600},
		{name: "shortened", seconds: 9000, max: 7200, lives: 7200, shown: 7200},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			h, s := tokenHandler(tokenObjects(), func(c *TokenConfig) { c.MaxSeconds = tc.max })
			c := call("default", &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{BoundObjectRef: tc.ref, ExpirationSeconds: &tc.seconds, Audiences: tc.audiences}})
			obj, err := h.Create(context.Background(), c)
			if err != nil {
				t.Fatal(err)
			}
			r := obj.(*authenticationv1.TokenRequest)
			if r.Status.Token != "signed" || r.UID != "uid-sa" || !r.Status.ExpirationTimestamp.Time.Equal(testNow.Add(time.Duration(tc.shown)*time.Second)) {
				t.Errorf("answer %+v", r)
			}
			b := s.claims.Kubernetes
			if got := int64(s.claims.Expiry.Time().Sub(testNow).Seconds()); got != tc.lives {
				t.Errorf("lives %d, want %d", got, tc.lives)
			}
			if (b.Pod != nil) != tc.pod || (b.WarnAfter != nil) != tc.warn || (b.Node != nil) != (tc.node != "") || b.Node != nil && b.Node.UID != tc.node {
				t.Errorf("bound to %+v", b)
			}
			if c.Request.Annotations[serviceaccount.IssuedCredentialIDAnnotation] != "JTI="+s.claims.ID {
				t.Errorf("audit annotations %v", c.Request.Annotations)
			}
			if warned := len(c.Request.Warnings()) > 0; warned != (tc.seconds > tc.shown) {
				t.Errorf("warnings %v", c.Request.Warnings())
			}
		})
	}
}

func TestTokenOfPodOnLostNode(t *testing.T) {
	h, s := tokenHandler(tokenObjects(), nil)
	r := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", Name: "r"}}}
	h.Default(r)
	if err := createErr(h, call("default", r)); err != nil {
		t.Fatal(err)
	}
	if n := s.claims.Kubernetes.Node; n == nil || n.Name != "lost" || n.UID != "" {
		t.Errorf("node claim %+v", n)
	}
}
