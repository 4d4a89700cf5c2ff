package certificates

import (
	"context"

	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Attest is ClusterTrustBundleAttest: a bundle that speaks for a signer needs the verb attest on it.
type Attest struct{ authorizer admit.Authorizer }

// NewAttest returns the plugin.
func NewAttest(authorizer admit.Authorizer) *Attest { return &Attest{authorizer} }

// Name is the plugin's name.
func (*Attest) Name() string { return "ClusterTrustBundleAttest" }

// Handles reports whether the plugin wants writes of this kind.
func (*Attest) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Review refuses who may not attest. The new object's signer counts; validation keeps it from changing.
func (p *Attest) Review(ctx context.Context, a *admit.Attributes) error {
	if !a.Is(certificatesv1.GroupName, "clustertrustbundles") {
		return nil
	}
	bundle, ok := a.Object.(*certificatesv1.ClusterTrustBundle)
	if !ok || bundle.Spec.SignerName == "" {
		return nil
	}
	if !maySigner(ctx, p.authorizer, a.Request.User, "attest", bundle.Spec.SignerName) {
		return admit.Forbidden(a, "user not permitted to attest for signerName %q", bundle.Spec.SignerName)
	}
	return nil
}
