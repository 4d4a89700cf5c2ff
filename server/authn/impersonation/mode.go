package impersonation

import (
	"context"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/api/validation"

	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/request"
)

// A mode is one way of being allowed to impersonate.
type mode struct {
	name string // "" for the old one
	// applies reports whether the mode is for such a wish at all; nil: always.
	applies func(wanted, asker *authenticationv1.UserInfo) bool
	// associated: the asker is a service account that runs on the node it wants to be. Its rights are
	// the same on every node, so neither the node's name nor the asker's extra values take part.
	associated bool
}

// modes are tried in this order. A node or a service account is impersonated alone, without fields of the
// asker's choice, or in the old way.
func modes() []mode {
	alone := func(w *authenticationv1.UserInfo) bool {
		return w.UID == "" && len(w.Groups) == 0 && len(w.Extra) == 0
	}
	return []mode{
		{name: "associated-node", associated: true, applies: func(w, asker *authenticationv1.UserInfo) bool {
			node, ok := nodeName(w.Username)
			_, _, account := serviceAccount(asker.Username)
			runsOn := asker.Extra[serviceaccount.NodeNameKey]
			return ok && account && alone(w) && len(runsOn) == 1 && runsOn[0] == node
		}},
		{name: "arbitrary-node", applies: func(w, _ *authenticationv1.UserInfo) bool {
			_, ok := nodeName(w.Username)
			return ok && alone(w)
		}},
		{name: "serviceaccount", applies: func(w, _ *authenticationv1.UserInfo) bool {
			_, _, ok := serviceAccount(w.Username)
			return ok && alone(w)
		}},
		{name: "user-info", applies: func(w, _ *authenticationv1.UserInfo) bool {
			_, node := nodeName(w.Username)
			_, _, account := serviceAccount(w.Username)
			return !node && !account
		}},
		{},
	}
}

func (m *mode) constrained() bool { return m.name != "" }

// verb is that of the rights on users, groups and the rest.
func (m *mode) verb() string {
	if !m.constrained() {
		return "impersonate"
	}
	return "impersonate:" + m.name
}

// constraint is the verb as the audit log names it.
func (m *mode) constraint() string {
	if !m.constrained() {
		return ""
	}
	return m.verb()
}

// A question is whether somebody may be somebody else for one request.
type question struct {
	may     May
	wanted  *authenticationv1.UserInfo
	request request.Attributes
}

// check reports whether the mode is for such a wish, and if so whether it is refused.
func (m *mode) check(ctx context.Context, q *question) (applies bool, refused error) {
	if m.applies != nil && !m.applies(q.wanted, &q.request.User) {
		return false, nil
	}
	asker := q.request.User
	if m.associated {
		asker = withoutValues(asker)
	}
	if m.constrained() {
		on := q.request
		on.User, on.Verb = asker, "impersonate-on:"+m.name+":"+on.Verb
		if err := q.may(ctx, on); err != nil {
			return true, err
		}
	}
	return true, m.checkFields(ctx, q, asker)
}

// withoutValues keeps the keys of the extra fields alone: which they are tells how the token is bound.
func withoutValues(u authenticationv1.UserInfo) authenticationv1.UserInfo {
	keys := make(authenticationv1.ExtraValue, 0, len(u.Extra))
	for key := range u.Extra {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	u.Extra = map[string]authenticationv1.ExtraValue{"authentication.kubernetes.io/associated-node-keys": keys}
	return u
}

// become returns the user that the wish, once allowed, makes.
func (m *mode) become(wanted *authenticationv1.UserInfo) authenticationv1.UserInfo {
	u := *wanted
	if len(u.Groups) == 0 {
		if namespace, _, ok := serviceAccount(u.Username); ok {
			u.Groups = serviceaccount.Groups(namespace)
		}
		if _, ok := nodeName(u.Username); ok && m.constrained() {
			u.Groups = []string{"system:nodes"}
		}
	}
	switch {
	case u.Username == "system:anonymous":
		u.Groups = with(u.Groups, "system:unauthenticated")
	case !slices.Contains(u.Groups, "system:unauthenticated"):
		u.Groups = with(u.Groups, "system:authenticated")
	}
	return u
}

func with(groups []string, group string) []string {
	if slices.Contains(groups, group) {
		return groups
	}
	return append(groups[:len(groups):len(groups)], group)
}

// nodeName is the node that a user is, by the form of its name.
func nodeName(user string) (string, bool) {
	name, ok := strings.CutPrefix(user, "system:node:")
	return name, ok && len(validation.NameIsDNSSubdomain(name, false)) == 0
}

// serviceAccount is the service account that a user is, by the form of its name.
func serviceAccount(user string) (namespace, name string, ok bool) {
	namespace, name, ok = serviceaccount.SplitUsername(user)
	ok = ok && len(validation.ValidateNamespaceName(namespace, false)) == 0 && len(validation.ValidateServiceAccountName(name, false)) == 0
	return namespace, name, ok
}
