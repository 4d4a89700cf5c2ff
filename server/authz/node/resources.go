package node

import (
	"fmt"

	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/request"
)

// decider decides on one resource.
type decider func(z *Authorizer, node string, a *request.Attributes) (authz.Decision, string)

// leaseNamespace is where nodes say that they are alive.
const leaseNamespace = "kube-node-lease"

// deciderOf is who decides on what depends on the node that asks; nil for what does not.
func deciderOf(group, plural string) decider {
	switch group + "/" + plural {
	case "/secrets":
		return readOf(secret)
	case "/configmaps":
		return readOf(configMap)
	case "/persistentvolumeclaims":
		return (*Authorizer).claim
	case "/persistentvolumes":
		return getOf(volume)
	case "resource.k8s.io/resourceclaims":
		return getOf(resourceClaim)
	case "storage.k8s.io/volumeattachments":
		return getOf(attachment)
	case "/serviceaccounts":
		return (*Authorizer).serviceAccount
	case "coordination.k8s.io/leases":
		return (*Authorizer).lease
	case "storage.k8s.io/csinodes":
		return (*Authorizer).csiNode
	case "resource.k8s.io/resourceslices":
		return (*Authorizer).slice
	case "/nodes":
		return (*Authorizer).node
	case "/pods":
		return (*Authorizer).pod
	case "certificates.k8s.io/podcertificaterequests":
		return (*Authorizer).podCertificate
	}
	return nil
}

// readOf lets a node read, and watch, single objects that its pods name.
func readOf(k kind) decider {
	return func(z *Authorizer, node string, a *request.Attributes) (authz.Decision, string) {
		switch {
		case a.Verb != "get" && a.Verb != "list" && a.Verb != "watch":
			return authz.NoOpinion, "can only read resources of this type"
		case a.Subresource != "":
			return authz.NoOpinion, "cannot read subresource"
		case a.Namespace == "":
			return authz.NoOpinion, "can only read namespaced object of this type"
		}
		return z.related(node, k, a)
	}
}

func getOf(k kind) decider {
	return func(z *Authorizer, node string, a *request.Attributes) (authz.Decision, string) {
		return z.get(node, k, a)
	}
}

func (z *Authorizer) get(node string, k kind, a *request.Attributes) (authz.Decision, string) {
	switch {
	case a.Verb != "get":
		return authz.NoOpinion, "can only get individual resources of this type"
	case a.Subresource != "":
		return authz.NoOpinion, "cannot get subresource"
	}
	return z.related(node, k, a)
}

func (z *Authorizer) claim(node string, a *request.Attributes) (authz.Decision, string) {
	if a.Subresource != "status" {
		return z.get(node, claim, a)
	}
	if a.Verb != "update" && a.Verb != "patch" {
		return authz.NoOpinion, "can only get/update/patch this type"
	}
	return z.related(node, claim, a)
}

// serviceAccount lets a node read the accounts of its pods and make tokens of them.
func (z *Authorizer) serviceAccount(node string, a *request.Attributes) (authz.Decision, string) {
	switch {
	case a.Verb == "get" && a.Subresource == "":
		return z.get(node, account, a)
	case a.Verb != "create" || a.Name == "":
		return authz.NoOpinion, "can only create tokens for individual service accounts"
	case a.Subresource != "token":
		return authz.NoOpinion, "can only create token subresource of serviceaccount"
	}
	return z.related(node, account, a)
}

// own reports whether a verb is one that a node has on an object of its own name. The name of what is
// created is not known yet: the admission plugin looks at it.
func own(node string, a *request.Attributes) (verb, name bool) {
	switch a.Verb {
	case "get", "create", "update", "patch", "delete":
		return true, a.Verb == "create" || a.Name == node
	}
	return false, false
}

func (z *Authorizer) lease(node string, a *request.Attributes) (authz.Decision, string) {
	verb, name := own(node, a)
	switch {
	case !verb:
		return authz.NoOpinion, "can only get, create, update, patch, or delete a node lease"
	case a.Namespace != leaseNamespace:
		return authz.NoOpinion, fmt.Sprintf("can only access leases in the %q system namespace", leaseNamespace)
	case !name:
		return authz.NoOpinion, "can only access node lease with the same name as the requesting node"
	}
	return authz.Allow, ""
}

func (z *Authorizer) csiNode(node string, a *request.Attributes) (authz.Decision, string) {
	verb, name := own(node, a)
	switch {
	case !verb:
		return authz.NoOpinion, "can only get, create, update, patch, or delete a CSINode"
	case a.Subresource != "":
		return authz.NoOpinion, "cannot authorize CSINode subresources"
	case !name:
		return authz.NoOpinion, "can only access CSINode with the same name as the requesting node"
	}
	return authz.Allow, ""
}

func (z *Authorizer) slice(node string, a *request.Attributes) (authz.Decision, string) {
	if a.Subresource != "" {
		return authz.NoOpinion, "cannot authorize ResourceSlice subresources"
	}
	switch a.Verb {
	case "create":
		return authz.Allow, ""
	case "get", "update", "patch", "delete":
		return z.related(node, resourceSlice, a)
	case "watch", "list", "deletecollection":
		if selects(a, "nodeName", node) {
			return authz.Allow, ""
		}
		return authz.NoOpinion, "can only list/watch/deletecollection resourceslices with nodeName field selector"
	}
	return authz.NoOpinion, "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection"
}

// node looks at the name alone, not at the graph: a node asks for itself before it is there.
func (z *Authorizer) node(node string, a *request.Attributes) (authz.Decision, string) {
	switch a.Subresource + " " + a.Verb {
	case " create", " update", " patch", "status update", "status patch":
		return authz.Allow, ""
	case " get", " list", " watch":
		switch a.Name {
		case node:
			return authz.Allow, ""
		case "":
			return authz.NoOpinion, fmt.Sprintf("node '%s' cannot read all nodes, only its own Node object", node)
		}
		return authz.NoOpinion, fmt.Sprintf("node '%s' cannot read '%s', only its own Node object", node, a.Name)
	}
	return authz.NoOpinion, ""
}

func (z *Authorizer) pod(node string, a *request.Attributes) (authz.Decision, string) {
	switch a.Subresource + " " + a.Verb {
	case " get":
		return z.get(node, pod, a)
	case " list", " watch":
		if selects(a, "spec.nodeName", node) {
			return authz.Allow, ""
		}
		if a.Name != "" {
			return z.related(node, pod, a)
		}
		return authz.NoOpinion, "can only list/watch pods with spec.nodeName field selector"
	case " create", " delete", "status update", "status patch", "eviction create":
		return authz.Allow, ""
	}
	return authz.NoOpinion, ""
}

func (z *Authorizer) podCertificate(node string, a *request.Attributes) (authz.Decision, string) {
	if a.Subresource != "" {
		return authz.NoOpinion, "nodes may not access the status subresource of PodCertificateRequests"
	}
	switch a.Verb {
	case "create":
		return authz.Allow, ""
	case "get":
		return z.get(node, certificateRequest, a)
	case "list", "watch":
		if selects(a, "spec.nodeName", node) {
			return authz.Allow, ""
		}
		return authz.NoOpinion, "can only list/watch podcertificaterequests with nodeName field selector"
	}
	return authz.NoOpinion, ""
}
