package serviceaccount

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// legacyIssuer is who signs the tokens that live in secrets of the type kubernetes.io/service-account-token:
// without end, for no audience, as long as the secret holds them.
const legacyIssuer = "kubernetes/serviceaccount"

// invalidSinceLabel marks secrets whose token nobody has used for long (KEP-2799).
const invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since"

// Legacy is what such a token says instead of Bound.
type Legacy struct {
	Namespace      string `json:"kubernetes.io/serviceaccount/namespace,omitempty"`
	Secret         string `json:"kubernetes.io/serviceaccount/secret.name,omitempty"`
	ServiceAccount string `json:"kubernetes.io/serviceaccount/service-account.name,omitempty"`
	UID            string `json:"kubernetes.io/serviceaccount/service-account.uid,omitempty"`
}

// legacyUser returns the user that a token of a secret stands for.
func (v *Verifier) legacyUser(ctx context.Context, token string, c *Claims) (authenticationv1.UserInfo, error) {
	l := &c.Legacy
	user := UserInfo(l.Namespace, l.ServiceAccount, types.UID(l.UID))
	if err := l.complete(c.Subject); err != nil || v.NoLookup {
		return user, err
	}
	obj, err := v.Objects.Get(ctx, "", "secrets", l.Namespace, l.Secret)
	if err != nil {
		return user, errInvalidated
	}
	secret := obj.(*corev1.Secret)
	switch {
	case secret.DeletionTimestamp != nil:
		return user, errInvalidated
	case subtle.ConstantTimeCompare(secret.Data[corev1.ServiceAccountTokenKey], []byte(token)) != 1:
		return user, errors.New("token does not match server's copy")
	case secret.Labels[invalidSinceLabel] != "":
		return user, fmt.Errorf("the token in secret %s/%s for service account %s/%s has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '%s' label from the secret to temporarily allow use of this token",
			l.Namespace, l.Secret, l.Namespace, l.ServiceAccount, invalidSinceLabel)
	}
	sa, err := v.Objects.Get(ctx, "", "serviceaccounts", l.Namespace, l.ServiceAccount)
	if err != nil {
		return user, err
	}
	if sa.GetDeletionTimestamp() != nil {
		return user, fmt.Errorf("service account %s/%s has been deleted", l.Namespace, l.ServiceAccount)
	}
	if string(sa.GetUID()) != l.UID {
		return user, fmt.Errorf("service account UID (%s) does not match claim (%s)", sa.GetUID(), l.UID)
	}
	return user, nil
}

// complete checks that nothing is missing, and that all of it speaks of one service account.
func (l *Legacy) complete(subject string) error {
	for _, claim := range []struct{ name, value string }{
		{"sub", subject}, {"namespace", l.Namespace}, {"secretName", l.Secret},
		{"serviceAccountName", l.ServiceAccount}, {"serviceAccountUID", l.UID},
	} {
		if claim.value == "" {
			return fmt.Errorf("%s claim is missing", claim.name)
		}
	}
	if namespace, name, ok := SplitUsername(subject); !ok || namespace != l.Namespace || name != l.ServiceAccount {
		return errors.New("sub claim is invalid")
	}
	return nil
}
