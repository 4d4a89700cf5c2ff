// Package serviceaccount makes and checks the tokens of service accounts: JWTs signed with the cluster's
// key, bound to objects that must still be there, and the OpenID documents by which others check them
// (KEP-1205, KEP-1393). The subresource serviceaccounts/token makes them, stage 1 checks them.
//
// Keys, signers and verifiers are read-only once made and may be used by many goroutines.
package serviceaccount

import (
	"context"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/kinds"
)

// Names that a service account's token stands for.
const (
	userPrefix  = "system:serviceaccount:"
	allGroup    = "system:serviceaccounts"
	groupPrefix = "system:serviceaccounts:"

	// Keys of the user's extra.
	CredentialIDKey = "authentication.kubernetes.io/credential-id"
	PodNameKey      = "authentication.kubernetes.io/pod-name"
	PodUIDKey       = "authentication.kubernetes.io/pod-uid"
	NodeNameKey     = "authentication.kubernetes.io/node-name"
	NodeUIDKey      = "authentication.kubernetes.io/node-uid"

	// IssuedCredentialIDAnnotation is the audit annotation of a request that made a token.
	IssuedCredentialIDAnnotation = "authentication.kubernetes.io/issued-credential-id"
	// StaleTokenAnnotation is the audit annotation of a request with a token past its warn-after time.
	StaleTokenAnnotation = "authentication.k8s.io/stale-token"
)

// Objects reads the objects that tokens are bound to. A NotFound status error says that one is gone.
type Objects interface {
	Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error)
}

// Username is the user that a service account's tokens stand for.
func Username(namespace, name string) string { return userPrefix + namespace + ":" + name }

// SplitUsername is the other way; ok is false for users that are no service accounts.
func SplitUsername(user string) (namespace, name string, ok bool) {
	rest, ok := strings.CutPrefix(user, userPrefix)
	if !ok {
		return "", "", false
	}
	namespace, name, ok = strings.Cut(rest, ":")
	if !ok || namespace == "" || name == "" || strings.Contains(name, ":") {
		return "", "", false
	}
	return namespace, name, true
}

// Groups are the groups of every service account of a namespace.
func Groups(namespace string) []string { return []string{allGroup, groupPrefix + namespace} }

// CredentialID is a token's id as it stands in a user's extra.
func CredentialID(id string) string { return "JTI=" + id }

// UserInfo is the user of a service account, without anything of a token.
func UserInfo(namespace, name string, uid types.UID) authenticationv1.UserInfo {
	return authenticationv1.UserInfo{Username: Username(namespace, name), UID: string(uid), Groups: Groups(namespace)}
}
