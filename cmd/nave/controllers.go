package main

import (
	"context"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/rest"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/all"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
)

// controllerUsers are the users that the controllers work as, by service account; "" is the manager's own.
func controllerUsers() map[string]authenticationv1.UserInfo {
	users := map[string]authenticationv1.UserInfo{"": {Username: "system:kube-controller-manager"}}
	for _, c := range all.Controllers() {
		users[c.ServiceAccount] = serviceaccount.UserInfo("kube-system", c.ServiceAccount, "")
	}
	return users
}

// runControllers runs the controllers until the context ends.
func (p *process) runControllers(ctx context.Context, rootCA []byte) error {
	m := &control.Manager{
		ConfigFor: func(account string) *rest.Config { return p.identities.Config(p.handler, account, "nave/"+account) },
		Log:       p.log, Now: time.Now, Options: control.Options{RootCA: rootCA},
	}
	return m.Run(ctx, all.Controllers())
}

func (o *upOptions) with(part string) bool { return !slices.Contains(o.without, part) }
