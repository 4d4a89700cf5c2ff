// Package bootstraptoken knows the tokens with which new nodes join a cluster: secrets of type
// bootstrap.kubernetes.io/token in kube-system. Caller: server, which puts it into stage 1 where
// --enable-bootstrap-token-auth asks for it. A token that is wrong in any way is one that nobody knows.
package bootstraptoken

import (
	"context"
	"crypto/subtle"
	"regexp"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
)

const (
	namespace  = "kube-system"
	secretType = "bootstrap.kubernetes.io/token"
	prefix     = "bootstrap-token-"
	group      = "system:bootstrappers"
)

// Objects reads the secrets.
type Objects interface {
	Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error)
}

// Tokens knows bootstrap tokens.
type Tokens struct {
	Objects Objects
	Now     func() time.Time

	form, groupForm *regexp.Regexp
}

// New returns what knows the tokens among the objects.
func New(objects Objects, now func() time.Time) *Tokens {
	return &Tokens{
		Objects: objects, Now: now,
		form:      regexp.MustCompile(`^([a-z0-9]{6})\.([a-z0-9]{16})$`),
		groupForm: regexp.MustCompile(`^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$`),
	}
}

// Lookup returns the user of a token, nil if it is none that may be used.
func (t *Tokens) Lookup(ctx context.Context, token string) (*authenticationv1.UserInfo, error) {
	parts := t.form.FindStringSubmatch(token)
	if parts == nil {
		return nil, nil
	}
	id, word := parts[1], parts[2]
	obj, err := t.Objects.Get(ctx, "", "secrets", namespace, prefix+id)
	if err != nil {
		return nil, nil //nolint:nilerr // it may be another kind of token
	}
	secret, ok := obj.(*corev1.Secret)
	if !ok || secret.DeletionTimestamp != nil || secret.Type != secretType {
		return nil, nil
	}
	data := func(key string) string { return string(secret.Data[key]) }
	if subtle.ConstantTimeCompare([]byte(data("token-secret")), []byte(word)) != 1 || data("token-id") != id {
		return nil, nil
	}
	if t.expired(data("expiration")) || data("usage-bootstrap-authentication") != "true" {
		return nil, nil
	}
	groups, ok := t.groups(data("auth-extra-groups"))
	if !ok {
		return nil, nil
	}
	return &authenticationv1.UserInfo{Username: "system:bootstrap:" + id, Groups: groups}, nil
}

// expired: a time that cannot be read is past.
func (t *Tokens) expired(text string) bool {
	if text == "" {
		return false
	}
	end, err := time.Parse(time.RFC3339, text)
	return err != nil || !t.Now().Before(end)
}

func (t *Tokens) groups(extra string) (groups []string, ok bool) {
	groups = []string{group}
	if extra == "" {
		return groups, true
	}
	for _, g := range strings.Split(extra, ",") {
		if !t.groupForm.MatchString(g) {
			return nil, false
		}
		groups = append(groups, g)
	}
	return groups, true
}
