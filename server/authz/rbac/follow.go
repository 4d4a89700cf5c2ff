package rbac

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/kinds"
)

// Apply takes note of an object of one of the four kinds: as it is now, or, if gone, that it is no more.
// The object must not be changed afterwards.
func (z *Authorizer) Apply(obj kinds.Object, gone bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	switch o := obj.(type) {
	case *rbacv1.ClusterRole:
		if gone {
			delete(z.clusterRoles, o.Name)
		} else {
			z.clusterRoles[o.Name] = o
		}
	case *rbacv1.Role:
		if gone {
			delete(z.roles, o.Namespace+"/"+o.Name)
		} else {
			z.roles[o.Namespace+"/"+o.Name] = o
		}
	case *rbacv1.ClusterRoleBinding:
		if gone {
			z.cluster.remove(o.Name)
		} else {
			z.cluster.put(&binding{name: o.Name, role: o.RoleRef, subjects: o.Subjects})
		}
	case *rbacv1.RoleBinding:
		of, ok := z.namespaces[o.Namespace]
		if !ok {
			of = newBindings()
			z.namespaces[o.Namespace] = of
		}
		if gone {
			of.remove(o.Name)
			if len(of.byName) == 0 {
				delete(z.namespaces, o.Namespace)
			}
		} else {
			of.put(&binding{namespace: o.Namespace, name: o.Name, role: o.RoleRef, subjects: o.Subjects})
		}
	}
}
