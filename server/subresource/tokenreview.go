package subresource

import (
	"context"
	"errors"
	"fmt"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// An Authenticator says whose a bearer token is.
type Authenticator interface {
	// AuthenticateToken returns nil and no error for a token that nobody knows, and an error for one that
	// is known and refused. audiences are those the token must be for one of; the identity names which
	// of them it is for.
	AuthenticateToken(ctx context.Context, token string, audiences []string) (*Identity, error)
}

// Identity is who a token stands for.
type Identity struct {
	User      authenticationv1.UserInfo
	Audiences []string
}

// tokenReview serves TokenReview: other servers ask whose a token is.
type tokenReview struct {
	authenticator Authenticator
	audiences     []string // of this server, taken when the review names none
}

func (t *tokenReview) create(ctx context.Context, c *Call) (runtime.Object, error) {
	review := c.Object.(*authenticationv1.TokenReview)
	if review.Spec.Token == "" {
		return nil, apierrors.NewBadRequest("token is required for TokenReview in authentication")
	}
	if err := c.review(ctx); err != nil {
		return nil, err
	}
	audiences := review.Spec.Audiences
	if len(audiences) == 0 {
		audiences = t.audiences
	}
	review.Status = authenticationv1.TokenReviewStatus{}
	id, err := t.authenticator.AuthenticateToken(ctx, review.Spec.Token, audiences)
	switch {
	case err != nil:
		review.Status.Error = fmt.Sprintf("[invalid bearer token, %v]", err)
	case id == nil:
		review.Status.Error = "invalid bearer token"
	case len(audiences) > 0 && !slices.ContainsFunc(id.Audiences, func(a string) bool { return slices.Contains(audiences, a) }):
		return nil, apierrors.NewInternalError(errors.New("an authenticator took a token that is for other audiences"))
	default:
		review.Status.Authenticated = true
		review.Status.User = id.User
		review.Status.Audiences = id.Audiences
	}
	return review, nil
}

// selfReview serves SelfSubjectReview (KEP-3325): who am I.
type selfReview struct{ now Clock }

func (s *selfReview) create(ctx context.Context, c *Call) (runtime.Object, error) {
	if err := c.review(ctx); err != nil {
		return nil, err
	}
	return &authenticationv1.SelfSubjectReview{
		ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(s.now())},
		Status:     authenticationv1.SelfSubjectReviewStatus{UserInfo: c.Request.User},
	}, nil
}
