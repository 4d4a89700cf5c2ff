package server

import (
	"context"
	"errors"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/server/authz/rbac"
	"github.com/nave-k8s/nave/server/bootstrap"
)

// Bootstrap makes the objects that every cluster has, if they are missing.
func (s *Server) Bootstrap(ctx context.Context) error { return bootstrap.Ensure(ctx, s.engine) }

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
