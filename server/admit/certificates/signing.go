package certificates

import (
	"bytes"
	"context"

	certificatesv1 "k8s.io/api/certificates/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"

	"github.com/nave-k8s/nave/server/admit"
)

// Signing is CertificateSigning: a certificate or a condition in /status needs the verb sign on the signer.
type Signing struct{ authorizer admit.Authorizer }

// NewSigning returns the plugin.
func NewSigning(authorizer admit.Authorizer) *Signing { return &Signing{authorizer} }

// Name is the plugin's name.
func (*Signing) Name() string { return "CertificateSigning" }

// Handles reports whether the plugin wants writes of this kind.
func (*Signing) Handles(op admit.Operation) bool { return op == admit.Update }

// Review refuses who may not sign.
func (p *Signing) Review(ctx context.Context, a *admit.Attributes) error {
	if !isRequest(a) || a.Subresource != "status" {
		return nil
	}
	old, wasOne := a.OldObject.(*certificatesv1.CertificateSigningRequest)
	csr, ok := a.Object.(*certificatesv1.CertificateSigningRequest)
	if !ok || !wasOne {
		return nil
	}
	if bytes.Equal(old.Status.Certificate, csr.Status.Certificate) && apiequality.Semantic.DeepEqual(old.Status.Conditions, csr.Status.Conditions) {
		return nil
	}
	if !maySigner(ctx, p.authorizer, a.Request.User, "sign", old.Spec.SignerName) {
		return admit.Forbidden(a, "user not permitted to sign requests with signerName %q", old.Spec.SignerName)
	}
	return nil
}
