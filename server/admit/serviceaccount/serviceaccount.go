// Package serviceaccount is the plugin ServiceAccount: every pod runs as a service account that exists, and
// gets the account's token, the cluster's CA and its pull secrets.
package serviceaccount

import (
	"context"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
)

// enforceMountableSecrets on a service account limits its pods to the secrets that the account lists.
const enforceMountableSecrets = "kubernetes.io/enforce-mountable-secrets"

// Plugin is ServiceAccount.
type Plugin struct {
	reader admit.Reader
	suffix func(n int) string
}

// New returns the plugin; suffix makes n random letters for the name of the token's volume.
func New(reader admit.Reader, suffix func(n int) string) *Plugin { return &Plugin{reader, suffix} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "ServiceAccount" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Mutate gives a new pod its account, the token's volume and the account's pull secrets. It refuses what
// Review refuses already here, before the object is validated.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	pod := podOf(a)
	if pod == nil || a.Operation != admit.Create {
		return nil
	}
	if isMirror(pod) { // the node made it, and would not know it again if it were changed
		return p.Review(ctx, a)
	}
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = "default"
	}
	pod.Spec.DeprecatedServiceAccount = pod.Spec.ServiceAccountName
	account, err := p.account(ctx, a, pod)
	if err != nil {
		return err
	}
	if automounts(account, pod) {
		p.mountToken(pod)
	}
	if len(pod.Spec.ImagePullSecrets) == 0 && len(account.ImagePullSecrets) > 0 {
		pod.Spec.ImagePullSecrets = append([]corev1.LocalObjectReference(nil), account.ImagePullSecrets...)
	}
	return p.Review(ctx, a)
}

// Review refuses a pod whose account is missing or does not list the secrets it must, and a mirror pod that
// asks for anything of the API.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	pod := podOf(a)
	switch {
	case pod == nil:
		return nil
	case a.Operation == admit.Update && a.Subresource == "ephemeralcontainers":
		return p.review(ctx, a, pod, limitEphemeral)
	case a.Operation != admit.Create:
		return nil
	case isMirror(pod):
		return reviewMirror(a, pod)
	}
	return p.review(ctx, a, pod, limitSecrets)
}

func (p *Plugin) review(ctx context.Context, a *admit.Attributes, pod *corev1.Pod, limit func(*corev1.ServiceAccount, *corev1.Pod) error) error {
	if pod.Spec.ServiceAccountName == "" {
		return admit.Forbidden(a, "no service account specified for pod %s/%s", a.Namespace, pod.Name)
	}
	account, err := p.account(ctx, a, pod)
	if err != nil {
		return err
	}
	if enforce, _ := strconv.ParseBool(account.Annotations[enforceMountableSecrets]); !enforce {
		return nil
	}
	if err := limit(account, pod); err != nil {
		return admit.Forbidden(a, "%w", err)
	}
	return nil
}

// account returns the pod's service account, or a Forbidden error.
func (p *Plugin) account(ctx context.Context, a *admit.Attributes, pod *corev1.Pod) (*corev1.ServiceAccount, error) {
	name := pod.Spec.ServiceAccountName
	obj, err := p.reader.Get(ctx, "", "serviceaccounts", a.Namespace, name)
	if apierrors.IsNotFound(err) {
		if err := p.reader.Sync(ctx); err != nil {
			return nil, err
		}
		obj, err = p.reader.Get(ctx, "", "serviceaccounts", a.Namespace, name)
	}
	if apierrors.IsNotFound(err) {
		err = fmt.Errorf("serviceaccount %q not found", name)
	}
	if err != nil {
		return nil, admit.Forbidden(a, "error looking up service account %s/%s: %w", a.Namespace, name, err)
	}
	account, ok := obj.(*corev1.ServiceAccount)
	if !ok {
		return nil, fmt.Errorf("service account is a %T", obj)
	}
	return account, nil
}

func podOf(a *admit.Attributes) *corev1.Pod {
	if a.Resource.Group != "" || a.Resource.Plural != "pods" || a.Subresource != "" && a.Subresource != "ephemeralcontainers" {
		return nil
	}
	pod, _ := a.Object.(*corev1.Pod)
	return pod
}

func isMirror(pod *corev1.Pod) bool {
	_, ok := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return ok
}

func automounts(account *corev1.ServiceAccount, pod *corev1.Pod) bool {
	if own := pod.Spec.AutomountServiceAccountToken; own != nil {
		return *own
	}
	if own := account.AutomountServiceAccountToken; own != nil {
		return *own
	}
	return true
}
