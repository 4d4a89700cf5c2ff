package impersonation

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

const prefix = "Impersonate-"

// asked reports whether any header of impersonation is there.
func asked(h http.Header) bool {
	for name := range h {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// read returns the user that the headers name, nil if they name none.
func read(h http.Header) (*authenticationv1.UserInfo, error) {
	wanted := &authenticationv1.UserInfo{
		Username: h.Get(authenticationv1.ImpersonateUserHeader),
		UID:      h.Get(authenticationv1.ImpersonateUIDHeader),
		Groups:   append([]string(nil), h[authenticationv1.ImpersonateGroupHeader]...),
	}
	extra := false
	for name, values := range h {
		key, ok := strings.CutPrefix(name, authenticationv1.ImpersonateUserExtraHeaderPrefix)
		if !ok {
			continue
		}
		extra = true
		if len(values) == 0 {
			continue
		}
		key = strings.ToLower(key)
		if plain, err := url.PathUnescape(key); err == nil {
			key = plain
		}
		if wanted.Extra == nil {
			wanted.Extra = map[string]authenticationv1.ExtraValue{}
		}
		wanted.Extra[key] = append(wanted.Extra[key], values...)
	}
	if wanted.Username != "" {
		return wanted, nil
	}
	if wanted.UID != "" || len(wanted.Groups) > 0 || extra {
		return nil, apierrors.NewBadRequest("requested " + goSyntax(wanted) + " without impersonating a user name")
	}
	return nil, nil
}

// goSyntax shows a user as kube-apiserver's answer does.
func goSyntax(u *authenticationv1.UserInfo) string {
	var extra map[string][]string
	for key, values := range u.Extra {
		if extra == nil {
			extra = map[string][]string{}
		}
		extra[key] = values
	}
	return fmt.Sprintf("&user.DefaultInfo{Name:%#v, UID:%#v, Groups:%#v, Extra:%#v}", u.Username, u.UID, u.Groups, extra)
}

func clearHeaders(h http.Header) {
	for name := range h {
		if name == authenticationv1.ImpersonateUserHeader || name == authenticationv1.ImpersonateUIDHeader ||
			name == authenticationv1.ImpersonateGroupHeader || strings.HasPrefix(name, authenticationv1.ImpersonateUserExtraHeaderPrefix) {
			delete(h, name)
		}
	}
}
