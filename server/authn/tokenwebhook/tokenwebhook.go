// Package tokenwebhook asks another server whose a token is (TokenReview), and remembers the answer for a
// while. Caller: server, which puts it into stage 1 behind all that this server knows by itself.
package tokenwebhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/webhook"
)

// Webhook asks a server.
type Webhook struct {
	client     *webhook.Client
	apiVersion string
	keep       time.Duration
	audiences  []string // of this server
	known      *webhook.Cache[*authn.Identity]
}

// New returns what asks the server of a kubeconfig file with TokenReviews of the version (v1 or v1beta1). A token
// that is found good is not asked for again as long as keep says. audiences are this server's.
func New(kubeconfig, version string, keep time.Duration, audiences []string, now func() time.Time) (*Webhook, error) {
	if version != "v1" && version != "v1beta1" {
		return nil, fmt.Errorf("TokenReview version %q is not supported; the versions are v1 and v1beta1", version)
	}
	client, err := webhook.New(kubeconfig, 0)
	if err != nil {
		return nil, err
	}
	return &Webhook{
		client: client, apiVersion: authenticationv1.GroupName + "/" + version, keep: keep, audiences: audiences,
		known: webhook.NewCache[*authn.Identity](now),
	}, nil
}

// AuthenticateToken asks. An error is that the server could not be asked, or what it said of a bad token.
func (w *Webhook) AuthenticateToken(ctx context.Context, token string, audiences []string) (*authn.Identity, error) {
	question, err := json.Marshal([]any{token, audiences})
	if err != nil {
		return nil, err
	}
	key := webhook.Key(question)
	if id, ok := w.known.Get(key); ok {
		return id, nil
	}
	// v1 and v1beta1 are the same but for their name.
	review := &authenticationv1.TokenReview{
		TypeMeta: metav1.TypeMeta{APIVersion: w.apiVersion, Kind: "TokenReview"},
		Spec:     authenticationv1.TokenReviewSpec{Token: token, Audiences: audiences},
	}
	if err := w.client.Post(ctx, review); err != nil {
		return nil, fmt.Errorf("the token webhook could not be asked: %w", err)
	}
	if !review.Status.Authenticated {
		if review.Status.Error != "" {
			return nil, errors.New(review.Status.Error)
		}
		return nil, nil
	}
	id := &authn.Identity{User: review.Status.User, Audiences: w.shared(audiences, review.Status.Audiences)}
	if len(audiences) > 0 && len(id.Audiences) == 0 {
		return nil, nil
	}
	w.known.Put(key, id, w.keep)
	return id, nil
}

// shared are the audiences asked for that the webhook names. One that names none takes every token for this
// server's.
func (w *Webhook) shared(asked, named []string) (out []string) {
	if len(named) == 0 {
		named = w.audiences
	}
	for _, a := range asked {
		if slices.Contains(named, a) {
			out = append(out, a)
		}
	}
	return out
}
