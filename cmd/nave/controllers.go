package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/rest"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/all"
	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/inprocess"
)

// identities are the users that parts of this process are to its own API server. Each has a token that
// nobody outside the process knows and that ends with it.
type identities struct{ tokens map[string]string } // by service account of kube-system; "" the manager's

// newIdentities makes a token for the controller manager and for each of its service accounts.
func newIdentities(tokens *authn.Tokens) identities {
	ids := identities{tokens: map[string]string{}}
	add := func(name string, user authenticationv1.UserInfo) {
		random := make([]byte, 32)
		rand.Read(random) //nolint:errcheck // it never fails
		ids.tokens[name] = hex.EncodeToString(random)
		tokens.Add(ids.tokens[name], user)
	}
	add("", authenticationv1.UserInfo{Username: "system:kube-controller-manager"})
	for _, c := range all.Controllers() {
		if _, ok := ids.tokens[c.ServiceAccount]; !ok {
			add(c.ServiceAccount, serviceaccount.UserInfo("kube-system", c.ServiceAccount, ""))
		}
	}
	return ids
}

// config returns a client configuration that reaches the handler without a socket.
func (ids identities) config(handler http.Handler, name string) *rest.Config {
	return &rest.Config{
		Host: "https://nave", BearerToken: ids.tokens[name], UserAgent: "nave/" + name, QPS: -1, WarningHandler: rest.NoWarnings{},
		Transport:     &inprocess.Transport{Handler: handler},
		ContentConfig: rest.ContentConfig{ContentType: "application/vnd.kubernetes.protobuf", AcceptContentTypes: "application/vnd.kubernetes.protobuf,application/json"},
	}
}

// runControllers runs the controllers until the context ends.
func (p *process) runControllers(ctx context.Context, rootCA []byte) error {
	m := &control.Manager{
		ConfigFor: func(account string) *rest.Config { return p.identities.config(p.handler, account) },
		Log:       p.log, Now: time.Now, Options: control.Options{RootCA: rootCA},
	}
	return m.Run(ctx, all.Controllers())
}

func (o *upOptions) with(part string) bool { return !slices.Contains(o.without, part) }
