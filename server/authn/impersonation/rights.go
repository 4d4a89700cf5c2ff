package impersonation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/server/request"
)

const group = authenticationv1.GroupName

// many is from how many groups or extra values on a right to all of them is looked for first.
const many = 4

// checkFields decides on every field of the wish: user name, uid, groups, extra.
func (m *mode) checkFields(ctx context.Context, q *question, asker authenticationv1.UserInfo) error {
	in := ""
	if m.constrained() {
		in = group
	}
	ask := func(group, plural, sub, namespace, name string) error {
		return q.may(ctx, request.Attributes{
			User: asker, Verb: m.verb(), Resource: true, Group: group, Version: "v1",
			Plural: plural, Subresource: sub, Namespace: namespace, Name: name,
		})
	}
	if err := m.checkName(q, in, ask); err != nil {
		return err
	}
	if uid := q.wanted.UID; uid != "" {
		if err := ask(group, "uids", "", "", uid); err != nil {
			return err
		}
	}
	if err := m.checkGroups(q, in, asker, ask); err != nil {
		return err
	}
	return m.checkExtra(q, asker, ask)
}

type ask func(group, plural, sub, namespace, name string) error

func (m *mode) checkName(q *question, in string, ask ask) error {
	user := q.wanted.Username
	if namespace, name, ok := serviceAccount(user); ok {
		return ask(in, "serviceaccounts", "", namespace, name)
	}
	if node, ok := nodeName(user); ok && m.constrained() {
		if m.associated {
			node = "*"
		}
		return ask(in, "nodes", "", "", node)
	}
	return ask(in, "users", "", "", user)
}

func (m *mode) checkGroups(q *question, in string, asker authenticationv1.UserInfo, ask ask) error {
	groups := q.wanted.Groups
	if m.constrained() {
		if slices.Contains(groups, "") {
			return m.never(asker, "groups", "", "impersonating the empty string group is not allowed")
		}
		if slices.Contains(groups, "system:masters") {
			return m.never(asker, "groups", "system:masters", "impersonating the system:masters group is not allowed")
		}
		if len(groups) >= many && ask(in, "groups", "", "", "*") == nil {
			return nil
		}
	}
	for _, g := range groups {
		if err := ask(in, "groups", "", "", g); err != nil {
			return err
		}
	}
	return nil
}

func (m *mode) checkExtra(q *question, asker authenticationv1.UserInfo, ask ask) error {
	extra := q.wanted.Extra
	keys := slices.Sorted(maps.Keys(extra))
	if m.constrained() && len(extra) > 0 {
		values := 0
		for _, key := range keys {
			if text := wrongExtra(key, extra[key]); text != "" {
				return m.never(asker, "userextras", "", text)
			}
			values += len(extra[key])
		}
		if values >= many && ask(group, "userextras", "*", "", "*") == nil {
			return nil
		}
	}
	for _, key := range keys {
		for _, value := range extra[key] {
			if err := ask(group, "userextras", key, "", value); err != nil {
				return err
			}
		}
	}
	return nil
}

// wrongExtra says what is wrong with an extra field for the constrained modes; "" for nothing.
func wrongExtra(key string, values []string) string {
	if key == "" {
		return "impersonating the empty string key in extra is not allowed"
	}
	if errs := validation.IsDomainPrefixedPath(field.NewPath("extra", "key"), key); len(errs) > 0 {
		return fmt.Sprintf("impersonating an invalid key in extra is not allowed: %v", errs.ToAggregate())
	}
	switch {
	case key != strings.ToLower(key):
		return fmt.Sprintf("impersonating a non-lowercase key in extra is not allowed: %q", key)
	case len(values) == 0:
		return "impersonating empty values in extra is not allowed"
	case slices.Contains(values, ""):
		return "impersonating the empty string value in extra is not allowed"
	}
	return ""
}

// never is the refusal of what no right allows.
func (m *mode) never(asker authenticationv1.UserInfo, plural, name, text string) error {
	return apierrors.NewForbidden(schema.GroupResource{Group: group, Resource: plural}, name,
		fmt.Errorf("User %q cannot %s resource %q in API group %q at the cluster scope: %s", asker.Username, m.verb(), plural, group, text))
}
