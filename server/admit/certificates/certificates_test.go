package certificates

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

// grants allows "VERB NAME" of signers.
type grants map[string]bool

func (g grants) Allowed(_ context.Context, _ authenticationv1.UserInfo, what authorizationv1.ResourceAttributes) (bool, string, error) {
	if what.Group != "certificates.k8s.io" || what.Resource != "signers" {
		return false, "", errors.New("asked for something else")
	}
	return g[what.Verb+" "+what.Name], "", nil
}

func request(signer string, certificate string) *certificatesv1.CertificateSigningRequest {
	return &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: "r"},
		Spec:       certificatesv1.CertificateSigningRequestSpec{SignerName: signer},
		Status:     certificatesv1.CertificateSigningRequestStatus{Certificate: []byte(certificate)},
	}
}

func TestSigners(t *testing.T) {
	const prefix = `certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to `
	update := func(sub, was, is string) *admit.Attributes {
		a := admittest.Write(admit.Update, request("a.io/x", is), request("a.io/x", was))
		a.Subresource = sub
		return a
	}
	bundle := func(signer string) *admit.Attributes {
		return admittest.Write(admit.Create, &certificatesv1.ClusterTrustBundle{
			ObjectMeta: metav1.ObjectMeta{Name: "b"}, Spec: certificatesv1.ClusterTrustBundleSpec{SignerName: signer},
		}, nil)
	}
	for _, test := range []struct {
		name   string
		plugin func(admit.Authorizer) admit.Reviewer
		write  *admit.Attributes
		grant  string
		want   string
	}{
		{"approve", approval, update("approval", "", ""), "approve a.io/x", ""},
		{"approve for the domain", approval, update("approval", "", ""), "approve a.io/*", ""},
		{"approve without", approval, update("approval", "", ""), "sign a.io/x", prefix + `approve requests with signerName "a.io/x"`},
		{"another subresource", approval, update("status", "", "c"), "", ""},
		{"sign", signing, update("status", "", "c"), "sign a.io/x", ""},
		{"sign without", signing, update("status", "", "c"), "approve a.io/x", prefix + `sign requests with signerName "a.io/x"`},
		{"status without a change", signing, update("status", "c", "c"), "", ""},
		{"attest", attest, bundle("a.io/x"), "attest a.io/x", ""},
		{"attest without", attest, bundle("a.io/x"), "attest b.io/*", `clustertrustbundles.certificates.k8s.io "b" is forbidden: user not permitted to attest for signerName "a.io/x"`},
		{"a bundle of nobody", attest, bundle(""), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.plugin(grants{test.grant: true}).Review(context.Background(), test.write)
			if err != nil && err.Error() != test.want || err == nil && test.want != "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func approval(a admit.Authorizer) admit.Reviewer { return NewApproval(a) }
func signing(a admit.Authorizer) admit.Reviewer  { return NewSigning(a) }
func attest(a admit.Authorizer) admit.Reviewer   { return NewAttest(a) }

func TestSubject(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ signer, group, want string }{
		{"kubernetes.io/kube-apiserver-client", "dev", ""},
		{"kubernetes.io/kube-apiserver-client", "system:masters", `certificatesigningrequests.certificates.k8s.io "r" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed`},
		{"example.com/x", "system:masters", ""},
	} {
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{Organization: []string{"a", test.group}}}, key)
		if err != nil {
			t.Fatal(err)
		}
		csr := request(test.signer, "")
		csr.Spec.Request = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
		err = Subject{}.Review(context.Background(), admittest.Write(admit.Create, csr, nil))
		if err != nil && err.Error() != test.want || err == nil && test.want != "" {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}
