package rbac

import (
	"fmt"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// binding is a RoleBinding, or a ClusterRoleBinding if namespace is "".
type binding struct {
	namespace, name string
	role            rbacv1.RoleRef
	subjects        []rbacv1.Subject
}

// allowedBy is the part of a reason that names the binding.
func (b *binding) allowedBy(subject string) string {
	if b.namespace == "" {
		return fmt.Sprintf("allowed by ClusterRoleBinding %q of %s %q to %s", b.name, b.role.Kind, b.role.Name, subject)
	}
	return fmt.Sprintf("allowed by RoleBinding %q of %s %q to %s", b.name+"/"+b.namespace, b.role.Kind, b.role.Name, subject)
}

// bindings are those of one namespace, or of the cluster, by whom they name.
type bindings struct {
	byName  map[string]*binding
	byUser  map[string][]*binding // users, and service accounts as the users they are
	byGroup map[string][]*binding
}

func newBindings() bindings {
	return bindings{byName: map[string]*binding{}, byUser: map[string][]*binding{}, byGroup: map[string][]*binding{}}
}

// each calls f for the bindings that name the user or a group of theirs, until it returns false.
func (bs bindings) each(user authenticationv1.UserInfo, f func(b *binding) bool) bool {
	for _, b := range bs.byUser[user.Username] {
		if !f(b) {
			return false
		}
	}
	for _, g := range user.Groups {
		for _, b := range bs.byGroup[g] {
			if !f(b) {
				return false
			}
		}
	}
	return true
}

// subjectText shows the first subject that is the user or a group of theirs.
func (b *binding) subjectText(user authenticationv1.UserInfo) string {
	for _, s := range b.subjects {
		switch s.Kind {
		case rbacv1.ServiceAccountKind:
			if name, ok := serviceAccount(s, b.namespace); ok && name == user.Username {
				namespace := s.Namespace
				if namespace == "" {
					namespace = b.namespace
				}
				return fmt.Sprintf("ServiceAccount %q", s.Name+"/"+namespace)
			}
		case rbacv1.UserKind:
			if s.Name == user.Username {
				return fmt.Sprintf("User %q", s.Name)
			}
		case rbacv1.GroupKind:
			if slices.Contains(user.Groups, s.Name) {
				return fmt.Sprintf("Group %q", s.Name)
			}
		}
	}
	return "nobody"
}

// serviceAccount is the user that a subject stands for. Its namespace may be that of the binding; without
// any it stands for nobody.
func serviceAccount(s rbacv1.Subject, namespace string) (user string, ok bool) {
	if s.Namespace != "" {
		namespace = s.Namespace
	}
	return "system:serviceaccount:" + namespace + ":" + s.Name, namespace != ""
}

// put adds a binding or replaces the one of its name.
func (bs bindings) put(b *binding) {
	bs.remove(b.name)
	bs.byName[b.name] = b
	b.keys(func(index string, group bool) {
		if group {
			bs.byGroup[index] = append(bs.byGroup[index], b)
		} else {
			bs.byUser[index] = append(bs.byUser[index], b)
		}
	})
}

// remove takes a binding out.
func (bs bindings) remove(name string) {
	b := bs.byName[name]
	if b == nil {
		return
	}
	delete(bs.byName, name)
	b.keys(func(index string, group bool) {
		if group {
			bs.byGroup[index] = without(bs.byGroup[index], b)
			if len(bs.byGroup[index]) == 0 {
				delete(bs.byGroup, index)
			}
			return
		}
		bs.byUser[index] = without(bs.byUser[index], b)
		if len(bs.byUser[index]) == 0 {
			delete(bs.byUser, index)
		}
	})
}

// keys calls f for whom the binding names, each once.
func (b *binding) keys(f func(index string, group bool)) {
	type key struct {
		index string
		group bool
	}
	seen := map[key]bool{}
	for _, s := range b.subjects {
		var k key
		switch s.Kind {
		case rbacv1.UserKind:
			k = key{s.Name, false}
		case rbacv1.GroupKind:
			k = key{s.Name, true}
		case rbacv1.ServiceAccountKind:
			user, ok := serviceAccount(s, b.namespace)
			if !ok {
				continue
			}
			k = key{user, false}
		default:
			continue
		}
		if !seen[k] {
			seen[k] = true
			f(k.index, k.group)
		}
	}
}

func without(list []*binding, b *binding) []*binding {
	out := make([]*binding, 0, len(list))
	for _, x := range list {
		if x != b {
			out = append(out, x)
		}
	}
	return out
}
