package noderestriction

import (
	"context"
	"errors"
	"fmt"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
)

// podCertificate: a node asks for certificates of the pods it runs (KEP-4317). What may only be a cache that
// lags is an internal error, so that the kubelet tries again.
func (p *Plugin) podCertificate(ctx context.Context, a *admit.Attributes, node string) error {
	if a.Operation != admit.Create {
		return admit.Forbidden(a, "unexpected operation %v", a.Operation)
	}
	if a.Subresource != "" {
		return admit.Forbidden(a, "unexpected subresource %v", a.Subresource)
	}
	request, ok := a.Object.(*certificatesv1.PodCertificateRequest)
	if !ok {
		return unexpected(a, a.Object)
	}
	spec, ref := &request.Spec, a.Namespace+"/"+request.Spec.PodName
	if string(spec.NodeName) != node {
		return admit.Forbidden(a, "PodCertificateRequest.Spec.NodeName=%q, which is not the requesting node %q", spec.NodeName, node)
	}
	host, err := p.reader.Get(ctx, "", "nodes", "", node)
	if err != nil {
		return retrieving(a, inSingular(err, "node", node), "node %q named in the PodCertificateRequest", spec.NodeName)
	}
	if host.GetUID() != spec.NodeUID {
		return fmt.Errorf("PodCertificateRequest for pod %q names node UID %q, inconsistent with the running node (%q)", ref, spec.NodeUID, host.GetUID())
	}
	pod, err := p.getPod(ctx, a.Namespace, spec.PodName)
	if err != nil {
		return retrieving(a, err, "pod %q named in the PodCertificateRequest", ref)
	}
	if spec.PodUID != pod.UID {
		return fmt.Errorf("PodCertificateRequest for pod %q contains pod UID (%q) which differs from running pod %q", ref, spec.PodUID, pod.UID)
	}
	if pod.Spec.NodeName != node {
		return admit.Forbidden(a, "pod %q is not running on node %q named in the PodCertificateRequest", ref, spec.NodeName)
	}
	if _, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]; mirror {
		return admit.Forbidden(a, "pod %q is a mirror pod", ref)
	}
	if spec.ServiceAccountName != pod.Spec.ServiceAccountName {
		return admit.Forbidden(a, "PodCertificateRequest for pod %q contains serviceAccountName (%q) that differs from running pod (%q)", ref, spec.ServiceAccountName, pod.Spec.ServiceAccountName)
	}
	account, err := p.reader.Get(ctx, "", "serviceaccounts", a.Namespace, spec.ServiceAccountName)
	if err != nil {
		return retrieving(a, inSingular(err, "serviceaccount", spec.ServiceAccountName), "service account %q named in the PodCertificateRequest", a.Namespace+"/"+spec.ServiceAccountName)
	}
	if spec.ServiceAccountUID != account.GetUID() {
		return fmt.Errorf("PodCertificateRequest for pod %q names service account UID %q, which differs from the running service account (%q)", ref, spec.ServiceAccountUID, account.GetUID())
	}
	return nil
}

// retrieving tells a lookup that failed. A missing object is not told as NotFound: it is not what the client
// asked for.
func retrieving(a *admit.Attributes, err error, format string, args ...any) error {
	text := fmt.Sprintf("while retrieving "+format+": %v", append(args, err)...)
	if apierrors.IsNotFound(err) {
		return errors.New(text)
	}
	return admit.Forbidden(a, "%s", text)
}
