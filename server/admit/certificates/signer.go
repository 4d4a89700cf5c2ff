// Package certificates has the plugins that guard signers: CertificateApproval, CertificateSigning,
// ClusterTrustBundleAttest and CertificateSubjectRestriction. Who may approve, sign or attest is a permission on
// the resource "signers", which exists for this alone.
package certificates

import (
	"context"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// maySigner reports whether the user has the verb on the signer, or on all signers of its domain. A question
// that cannot be answered counts as no.
func maySigner(ctx context.Context, authorizer admit.Authorizer, user authenticationv1.UserInfo, verb, signer string) bool {
	domain, _, _ := strings.Cut(signer, "/")
	for _, name := range []string{signer, domain + "/*"} {
		allowed, _, err := authorizer.Allowed(ctx, user, authorizationv1.ResourceAttributes{
			Verb: verb, Group: certificatesv1.GroupName, Version: "*", Resource: "signers", Name: name,
		})
		if err == nil && allowed {
			return true
		}
	}
	return false
}

func isRequest(a *admit.Attributes) bool {
	return a.Resource.Group == certificatesv1.GroupName && a.Resource.Plural == "certificatesigningrequests"
}
