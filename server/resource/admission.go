package resource

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/request"
)

// ConnectAttributes are those of a stream to a node, service or pod: options are what the client asks for.
func (e *Engine) ConnectAttributes(r *request.Request, options runtime.Object) *admit.Attributes {
	res := e.Kinds.Resource(schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Resource})
	a := e.attributes(r, res, r.Subresource, admit.Connect, r.Name, nil, nil, nil, false)
	a.Object = options
	return a
}

func (e *Engine) attributes(r *request.Request, res *kinds.Resource, sub string, op admit.Operation, name string, obj, old kinds.Object, options runtime.Object, dryRun bool) *admit.Attributes {
	a := &admit.Attributes{
		Request: r, Resource: res, Subresource: sub, Namespace: r.Namespace, Name: name,
		Operation: op, Options: options, DryRun: dryRun, Now: metav1.NewTime(e.Now()),
	}
	if !res.Namespaced && res.Plural != "namespaces" {
		a.Namespace = ""
	}
	if obj != nil {
		a.Object = obj
	}
	if old != nil {
		a.OldObject = old
	}
	return a
}
