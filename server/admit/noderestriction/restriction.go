// Package noderestriction is the plugin NodeRestriction: a node changes its own objects and those of the pods
// bound to it, and nothing that would bring it other pods or other nodes' secrets. What a node may ask for at
// all, by verb and resource, is authorization's to say; this is about what is in the object.
package noderestriction

import (
	"context"
	"fmt"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is NodeRestriction.
type Plugin struct {
	reader     admit.Reader
	authorizer admit.Authorizer
}

// New returns the plugin.
func New(reader admit.Reader, authorizer admit.Authorizer) *Plugin {
	return &Plugin{reader, authorizer}
}

// Name is the plugin's name.
func (*Plugin) Name() string { return "NodeRestriction" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op != admit.Connect }

// NodeOf returns the name of the node that the user is, and whether it is one.
func NodeOf(user authenticationv1.UserInfo) (string, bool) {
	name, ok := strings.CutPrefix(user.Username, "system:node:")
	if !ok {
		return "", false
	}
	for _, group := range user.Groups {
		if group == "system:nodes" {
			return name, true
		}
	}
	return "", false
}

// Mutate refuses; it changes nothing.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	node, ok := NodeOf(a.Request.User)
	if !ok {
		return nil
	}
	if node == "" {
		return admit.Forbidden(a, "could not determine node from user %q", a.Request.User.Username)
	}
	switch a.Resource.GroupResource() {
	case schema.GroupResource{Resource: "pods"}:
		switch a.Subresource {
		case "":
			return p.pod(ctx, a, node)
		case "status":
			return podStatus(a, node)
		case "eviction":
			return p.eviction(ctx, a, node)
		}
		return admit.Forbidden(a, "unexpected pod subresource %q, only 'status' and 'eviction' are allowed", a.Subresource)
	case schema.GroupResource{Resource: "nodes"}:
		return nodeItself(a, node)
	case schema.GroupResource{Resource: "persistentvolumeclaims"}:
		if a.Subresource != "status" {
			return admit.Forbidden(a, "may only update PVC status")
		}
		return claimStatus(a, node)
	case schema.GroupResource{Resource: "serviceaccounts"}:
		return p.token(ctx, a, node)
	case schema.GroupResource{Group: coordinationv1.GroupName, Resource: "leases"}:
		return lease(a, node)
	case schema.GroupResource{Group: storagev1.GroupName, Resource: "csinodes"}:
		return csiNode(a, node)
	case schema.GroupResource{Group: resourcev1.GroupName, Resource: "resourceslices"}:
		return resourceSlice(a, node)
	case schema.GroupResource{Group: certificatesv1.GroupName, Resource: "certificatesigningrequests"}:
		return signingRequest(a, node)
	case schema.GroupResource{Group: certificatesv1.GroupName, Resource: "podcertificaterequests"}:
		return p.podCertificate(ctx, a, node)
	}
	return nil
}

func (p *Plugin) getPod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	obj, err := p.reader.Get(ctx, "", "pods", namespace, name)
	if err != nil {
		return nil, inSingular(err, "pod", name)
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil, fmt.Errorf("pod is a %T", obj)
	}
	return pod, nil
}

// inSingular: what this plugin does not find, kube-apiserver names in the singular.
func inSingular(err error, kind, name string) error {
	if apierrors.IsNotFound(err) {
		return apierrors.NewNotFound(schema.GroupResource{Resource: kind}, name)
	}
	return err
}

// unexpected is the error for a request that has another object than its resource promises.
func unexpected(a *admit.Attributes, obj any) error {
	return admit.Forbidden(a, "unexpected type %T", obj)
}
