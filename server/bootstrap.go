package server

import (
	"context"
	"errors"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/server/authz/rbac"
	"github.com/nave-k8s/nave/server/bootstrap"
)

// Names of what Bootstrap does besides what package bootstrap names, as kube-apiserver's health checks have them.
const (
	hookPresence       = "bootstrap-controller"
	hookCIDR           = "start-kubernetes-service-cidr-controller"
	hookIdentity       = "start-kube-apiserver-identity-lease-controller"
	hookCollect        = "start-kube-apiserver-identity-lease-garbage-collector"
	hookTokens         = "start-legacy-token-tracking-controller"
	hookAuthentication = "start-cluster-authentication-info-controller"
)

// hooks are the names of all that must be done before the server is ready.
var hooks = []string{
	bootstrap.Namespaces, bootstrap.PriorityClasses, bootstrap.FlowControl, bootstrap.APIServices, bootstrap.Roles,
	hookPresence, hookCIDR, hookIdentity, hookCollect, hookTokens, hookAuthentication,
}

// Bootstrap makes the objects that every cluster has, if they are missing. That pods cannot find the server, or
// that it cannot be told which servers there are, is no reason not to serve: it is tried again.
func (s *Server) Bootstrap(ctx context.Context) error {
	if err := bootstrap.Ensure(ctx, s.engine, s.Now, s.finished); err != nil {
		return err
	}
	var wg sync.WaitGroup
	try := func(what string, do func(context.Context) error, names ...string) {
		wg.Go(func() {
			if err := do(ctx); err != nil {
				s.Log.Warn(what, "err", err)
			}
			for _, name := range names {
				s.finished(name)
			}
		})
	}
	try("the Service kubernetes could not be made", s.presence.Ensure, hookPresence, hookCIDR)
	try("the lease that names this server could not be made", s.identity.Renew, hookIdentity)
	try("leases of servers that are gone could not be removed", s.identity.Collect, hookCollect)
	try("the date since which legacy tokens are tracked could not be noted",
		func(ctx context.Context) error { return bootstrap.TokenTracking(ctx, s.engine, s.Now()) }, hookTokens)
	try("what extension API servers must know could not be written",
		func(ctx context.Context) error { return s.Published.Publish(ctx, s.engine) }, hookAuthentication)
	wg.Wait()
	return nil
}

// finished notes that something of Bootstrap is done.
func (s *Server) finished(name string) {
	if done := s.hooks[name]; done != nil {
		done()
	}
}

// beKnown keeps the lease that names this server until the context ends.
func (s *Server) beKnown(ctx context.Context) error {
	s.identity.Run(ctx, func(err error) { s.Log.Warn("the leases that name servers could not be kept", "err", err) })
	return ctx.Err()
}

// followRBAC keeps the authorizer's rules fresh until the context ends.
func (s *Server) followRBAC(ctx context.Context, z *rbac.Authorizer) error {
	plurals := []string{"clusterroles", "roles", "clusterrolebindings", "rolebindings"}
	errs := make(chan error, len(plurals))
	for _, plural := range plurals {
		go func() { errs <- s.engine.Follow(ctx, rbacv1.GroupName, plural, z.Apply, nil) }()
	}
	var all []error
	for range plurals {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}
