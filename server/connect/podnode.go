package connect

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/server/request"
)

func (s *connector) pod(ctx context.Context, r *request.Request) (*corev1.Pod, error) {
	obj, err := s.Reader.Get(ctx, "", "pods", r.Namespace, r.Name)
	if err != nil {
		return nil, err
	}
	return obj.(*corev1.Pod), nil
}

// kubeletOf returns where the pod's kubelet is.
func (s *connector) kubeletOf(ctx context.Context, pod *corev1.Pod) (nodeInfo, error) {
	if pod.Spec.NodeName == "" {
		return nodeInfo{}, apierrors.NewBadRequest(fmt.Sprintf("pod %s does not have a host assigned", pod.Name))
	}
	node, err := s.kubelet.find(ctx, pod.Spec.NodeName)
	if apierrors.IsNotFound(err) {
		// In the words of kube-apiserver, which looks the node up in the name of pods.
		err = apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, pod.Spec.NodeName)
	}
	return node, err
}
