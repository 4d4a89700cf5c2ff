package server

import (
	"context"
	"errors"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/server/authz/rbac"
	"github.com/nave-k8s/nave/server/bootstrap"
)

// Bootstrap makes the objects that every cluster has, if they are missing. That pods cannot find the server
// is no reason not to serve: it is tried again.
func (s *Server) Bootstrap(ctx context.Context) error {
	if err := bootstrap.Ensure(ctx, s.engine); err != nil {
		return err
	}
	if err := s.presence.Ensure(ctx); err != nil {
		s.Log.Warn("the Service kubernetes could not be made", "err", err)
	}
	return nil
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
