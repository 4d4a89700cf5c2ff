// Package authorization makes the review kinds of authorization.k8s.io/v1. They are created, answered and
// forgotten: the server's handlers answer them, the values here only announce them. Callers: kinds/builtin.
package authorization

import (
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	local := review("LocalSubjectAccessReview", "localsubjectaccessreviews", "localsubjectaccessreview", func() runtime.Object { return &authorizationv1.LocalSubjectAccessReview{} })
	local.Namespaced = true
	return []*kinds.Resource{
		local,
		review("SelfSubjectAccessReview", "selfsubjectaccessreviews", "selfsubjectaccessreview", func() runtime.Object { return &authorizationv1.SelfSubjectAccessReview{} }),
		review("SelfSubjectRulesReview", "selfsubjectrulesreviews", "selfsubjectrulesreview", func() runtime.Object { return &authorizationv1.SelfSubjectRulesReview{} }),
		review("SubjectAccessReview", "subjectaccessreviews", "subjectaccessreview", func() runtime.Object { return &authorizationv1.SubjectAccessReview{} }),
	}
}

func review(kind, plural, singular string, empty func() runtime.Object) *kinds.Resource {
	return &kinds.Resource{
		Group: "authorization.k8s.io", Version: "v1", Kind: kind,
		Plural: plural, Singular: singular,
		Verbs: []string{"create"},
		New:   empty,
	}
}
