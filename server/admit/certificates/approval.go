package certificates

import (
	"context"

	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Approval is CertificateApproval: /approval needs the verb approve on the signer.
type Approval struct{ authorizer admit.Authorizer }

// NewApproval returns the plugin.
func NewApproval(authorizer admit.Authorizer) *Approval { return &Approval{authorizer} }

// Name is the plugin's name.
func (*Approval) Name() string { return "CertificateApproval" }

// Handles reports whether the plugin wants writes of this kind.
func (*Approval) Handles(op admit.Operation) bool { return op == admit.Update }

// Review refuses who may not approve.
func (p *Approval) Review(ctx context.Context, a *admit.Attributes) error {
	if !isRequest(a) || a.Subresource != "approval" {
		return nil
	}
	csr, ok := a.OldObject.(*certificatesv1.CertificateSigningRequest)
	if ok && !maySigner(ctx, p.authorizer, a.Request.User, "approve", csr.Spec.SignerName) {
		return admit.Forbidden(a, "user not permitted to approve requests with signerName %q", csr.Spec.SignerName)
	}
	return nil
}
