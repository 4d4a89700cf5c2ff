package main

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/rest"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/all"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/inprocess"
)

// controllerUsers are the users that the controllers work as, by service account; "" is the manager's own.
func controllerUsers() map[string]authenticationv1.UserInfo {
	users := map[string]authenticationv1.UserInfo{"": {Username: "system:kube-controller-manager"}}
	for _, c := range all.Controllers() {
		users[c.ServiceAccount] = serviceaccount.UserInfo("kube-system", c.ServiceAccount, "")
	}
	return users
}

// controllers are the controllers of nave up.
type controllers struct {
	identities inprocess.Identities
	rootCA     []byte
	log        *slog.Logger
}

// run runs the controllers until the context ends.
func (c *controllers) run(ctx context.Context, api http.Handler) error {
	m := &control.Manager{
		ConfigFor: func(account string) *rest.Config { return c.identities.Config(api, account, "nave/"+account) },
		Log:       c.log, Now: time.Now, Options: control.Options{RootCA: c.rootCA},
	}
	return m.Run(ctx, all.Controllers())
}

func (o *upOptions) with(part string) bool { return !slices.Contains(o.without, part) }
