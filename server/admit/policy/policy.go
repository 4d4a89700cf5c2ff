// Package policy has the plugins ValidatingAdmissionPolicy and MutatingAdmissionPolicy: writes are refused or changed
// by expressions that the policies of the cluster hold. Package builtin makes them. A policy counts for the first
// write after it was acknowledged; it is compiled when the first write matches it, once for each of its revisions.
// Without bindings a write costs one look at a revision.
package policy

import (
	"sync"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/eval"
	"github.com/nave-k8s/nave/server/admit/match"
)

// Config is what the plugins need.
type Config struct {
	// Reader is how they see policies, bindings, params and namespaces; better an admit.Shared.
	Reader admit.Reader
	// Authorizer answers expressions that ask what somebody may do.
	Authorizer eval.Authorizer
	// Served returns all resources that are served, custom ones too.
	Served func() []*kinds.Resource
	// ResourceOf finds the resource of a kind of params; nil if there is none.
	ResourceOf func(schema.GroupVersionKind) *kinds.Resource
	// Types knows the structure of objects that apply configurations are merged into.
	Types managedfields.TypeConverter
}

// A policy is one policy of either kind.
type policy struct {
	name     string
	uid      types.UID
	revision string

	constraints *match.Resources // nil: there are none, which is an error
	fail        bool             // the failure policy: refuse if it cannot be evaluated
	paramKind   *admissionregistrationv1.ParamKind
	variables   []admissionregistrationv1.Variable
	conditions  []admissionregistrationv1.MatchCondition
	validations []admissionregistrationv1.Validation
	annotations []admissionregistrationv1.AuditAnnotation
	mutations   []admissionregistrationv1.Mutation
	reinvoke    bool // run again after others have changed the object

	once     sync.Once
	compiled *compiled
}

// A binding puts a policy into force.
type binding struct {
	name      string
	policy    string
	resources *match.Resources // nil: all that the policy wants
	paramRef  *admissionregistrationv1.ParamRef
	actions   []admissionregistrationv1.ValidationAction
}

// bound is a policy with its bindings, by name.
type bound struct {
	*policy
	bindings []*binding
}

func failure(p *admissionregistrationv1.FailurePolicyType) bool {
	return p == nil || *p != admissionregistrationv1.Ignore
}

func resources(m *admissionregistrationv1.MatchResources) *match.Resources {
	if m == nil {
		return nil
	}
	return match.CompileResources(m)
}

// exempt reports whether no policy may see the write: it is to policies themselves, or only asks who somebody is and
// what they may do, without which nobody could correct a policy.
func exempt(a *admit.Attributes) bool {
	switch a.Resource.Group {
	case admissionregistrationv1.GroupName:
		switch a.Resource.Plural {
		case "validatingadmissionpolicies", "validatingadmissionpolicybindings", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings":
			return true
		}
	case "authentication.k8s.io", "authorization.k8s.io":
		return true
	}
	return false
}
