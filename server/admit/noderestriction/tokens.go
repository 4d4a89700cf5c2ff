package noderestriction

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
)

// token: a node asks for tokens of service accounts whose pods it runs, bound to these pods, for audiences the
// pods name.
func (p *Plugin) token(ctx context.Context, a *admit.Attributes, node string) error {
	if a.Operation != admit.Create || a.Subresource != "token" {
		return nil
	}
	request, ok := a.Object.(*authenticationv1.TokenRequest)
	if !ok {
		return unexpected(a, a.Object)
	}
	ref := request.Spec.BoundObjectRef
	if ref == nil || ref.APIVersion != "v1" || ref.Kind != "Pod" || ref.Name == "" {
		return admit.Forbidden(a, "node requested token not bound to a pod")
	}
	if ref.UID == "" {
		return admit.Forbidden(a, "node requested token with a pod binding without a uid")
	}
	pod, err := p.getPod(ctx, a.Namespace, ref.Name)
	if apierrors.IsNotFound(err) {
		return err
	}
	if err != nil {
		return admit.Forbidden(a, "%w", err)
	}
	if ref.UID != pod.UID {
		return admit.Forbidden(a, "the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated", ref.UID)
	}
	if pod.Spec.NodeName != node {
		return admit.Forbidden(a, "node requested token bound to a pod scheduled on a different node")
	}
	if err := p.audience(ctx, a, request.Spec.Audiences, pod); err != nil {
		return admit.Forbidden(a, "%w", err)
	}
	return nil
}

// audience allows the audience that a volume of the pod asks for, and others to nodes that have the verb
// request-serviceaccounts-token-audience.
func (p *Plugin) audience(ctx context.Context, a *admit.Attributes, audiences []string, pod *corev1.Pod) error {
	if len(audiences) > 1 {
		return fmt.Errorf("node may only request 0 or 1 audiences")
	}
	audience := ""
	if len(audiences) == 1 {
		audience = audiences[0]
	}
	if p.named(ctx, pod, audience) {
		return nil
	}
	allowed, _, err := p.authorizer.Allowed(ctx, a.Request.User, authorizationv1.ResourceAttributes{
		Verb: "request-serviceaccounts-token-audience", Namespace: a.Namespace, Version: "v1", Resource: audience, Name: a.Name,
	})
	if err != nil {
		return fmt.Errorf("unable to authorize token request for audience %q: %w", audience, err)
	}
	if !allowed {
		return fmt.Errorf("%s is not authorized to request tokens for audience %q", a.Request.User.Username, audience)
	}
	return nil
}
