package server

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Bootstrap makes the objects that every cluster has, if they are missing.
func (s *Server) Bootstrap(ctx context.Context) error {
	for _, name := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := s.engine.Create(ctx, "", "namespaces", ns); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}
