package inprocess

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/rest"

	"github.com/nave-k8s/nave/server/authn"
)

// Identities are the users that parts of a process are to its own API server. Each has a token that nobody
// outside the process knows and that ends with it.
type Identities struct{ tokens map[string]string }

// NewIdentities makes a token for each user, by a name of the caller's, and adds them to those that the
// server knows. It is for the time before the first request.
func NewIdentities(known *authn.Tokens, users map[string]authenticationv1.UserInfo) Identities {
	ids := Identities{tokens: map[string]string{}}
	for name, user := range users {
		random := make([]byte, 32)
		rand.Read(random) //nolint:errcheck // it never fails
		ids.tokens[name] = hex.EncodeToString(random)
		known.Add(ids.tokens[name], user)
	}
	return ids
}

// Config returns a client configuration that reaches the handler without a socket, as the user of that name.
// It has no limit of its own and speaks protobuf where it can.
func (ids Identities) Config(handler http.Handler, name, agent string) *rest.Config {
	return &rest.Config{
		Host: "https://nave", BearerToken: ids.tokens[name], UserAgent: agent, QPS: -1,
		WarningHandler: rest.NoWarnings{},
		Transport:      &Transport{Handler: handler},
		ContentConfig: rest.ContentConfig{
			ContentType:        "application/vnd.kubernetes.protobuf",
			AcceptContentTypes: "application/vnd.kubernetes.protobuf,application/json",
		},
	}
}
