// Package authentication makes the review kinds of authentication.k8s.io/v1. They are created, answered
// and forgotten: the server's handlers answer them, the values here only announce them. Callers: kinds/builtin.
package authentication

import (
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		review("SelfSubjectReview", "selfsubjectreviews", "selfsubjectreview", func() runtime.Object { return &authenticationv1.SelfSubjectReview{} }),
		review("TokenReview", "tokenreviews", "tokenreview", func() runtime.Object { return &authenticationv1.TokenReview{} }),
	}
}

func review(kind, plural, singular string, empty func() runtime.Object) *kinds.Resource {
	return &kinds.Resource{
		Group: "authentication.k8s.io", Version: "v1", Kind: kind,
		Plural: plural, Singular: singular,
		Verbs: []string{"create"},
		New:   empty,
	}
}
