// Package view is a write as those see it who are asked about it: webhooks as JSON, expressions as objects, both in the
// version that their rule named. What is made for one of them is kept for the next.
package view

import (
	"encoding/json"
	"fmt"
	"reflect"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/match"
)

// A View belongs to one goroutine, except for what JSON returned.
type View struct {
	a      *admit.Attributes
	Target match.Target

	object, oldObject runtime.Object
	made              bool
	raw, oldRaw       []byte
}

// Of returns the write in the form of the target.
func Of(a *admit.Attributes, target match.Target) *View { return &View{a: a, Target: target} }

// Forget drops what was made of the object, which has changed.
func (v *View) Forget() { v.made, v.object, v.raw = false, nil, nil }

// Objects returns object and old object, with apiVersion and kind set, nil for none. They must not be changed, and
// they are stale once Forget was called.
func (v *View) Objects() (object, oldObject runtime.Object, err error) {
	if v.made {
		return v.object, v.oldObject, nil
	}
	if v.object, err = v.named(v.a.Object); err != nil {
		return nil, nil, err
	}
	if v.oldObject == nil {
		if v.oldObject, err = v.named(v.a.OldObject); err != nil {
			return nil, nil, err
		}
	}
	v.made = true
	return v.object, v.oldObject, nil
}

// JSON returns object and old object as JSON, nil for none. The bytes must not be changed.
func (v *View) JSON() (object, oldObject []byte, err error) {
	if v.raw == nil {
		if v.raw, err = v.toJSON(v.a.Object); err != nil {
			return nil, nil, err
		}
	}
	if v.oldRaw == nil {
		if v.oldRaw, err = v.toJSON(v.a.OldObject); err != nil {
			return nil, nil, err
		}
	}
	return v.raw, v.oldRaw, nil
}

// converts reports whether the object is one of the resource itself, in the version of its hub.
func (v *View) converts() bool {
	return v.Target.Resource.FromHub != nil && v.Target.Kind() == v.Target.Resource.GroupVersionKind()
}

func (v *View) shown(obj runtime.Object) (runtime.Object, error) {
	if obj == nil || reflect.ValueOf(obj).IsNil() {
		return nil, nil
	}
	if !v.converts() {
		return obj, nil
	}
	hub, ok := obj.(kinds.Object)
	if !ok {
		return nil, fmt.Errorf("%T is no object of %s", obj, v.Target.Resource.Plural)
	}
	return v.Target.Resource.FromHub(hub), nil
}

func (v *View) named(obj runtime.Object) (runtime.Object, error) {
	obj, err := v.shown(obj)
	if obj == nil || err != nil {
		return nil, err
	}
	return Named(obj, v.Target.Kind()), nil
}

func (v *View) toJSON(obj runtime.Object) ([]byte, error) {
	obj, err := v.shown(obj)
	if obj == nil || err != nil {
		return nil, err
	}
	return Encode(obj, v.Target.Kind())
}

// Encode returns the object as JSON of that kind.
func Encode(obj runtime.Object, kind schema.GroupVersionKind) ([]byte, error) {
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return u.MarshalJSON()
	}
	return json.Marshal(Named(obj, kind))
}

// Named returns the object with apiVersion and kind set: itself if it has them, or a shallow copy.
func Named(obj runtime.Object, kind schema.GroupVersionKind) runtime.Object {
	if obj.GetObjectKind().GroupVersionKind() == kind {
		return obj
	}
	if _, ok := obj.(*unstructured.Unstructured); ok {
		return obj
	}
	shallow := reflect.New(reflect.TypeOf(obj).Elem())
	shallow.Elem().Set(reflect.ValueOf(obj).Elem())
	named := shallow.Interface().(runtime.Object)
	named.GetObjectKind().SetGroupVersionKind(kind)
	return named
}

// Request returns the write as AdmissionReview has it, without uid and objects.
func (v *View) Request() (*admissionv1.AdmissionRequest, error) {
	a, came := v.a, match.Of(v.a)
	options, err := v.options()
	if err != nil {
		return nil, err
	}
	kind, requestKind := metav1.GroupVersionKind(v.Target.Kind()), metav1.GroupVersionKind(came.Kind())
	resource, requestResource := metav1.GroupVersionResource(v.Target.Resource.GroupVersionResource()), metav1.GroupVersionResource(came.Resource.GroupVersionResource())
	dryRun := a.DryRun
	return &admissionv1.AdmissionRequest{
		Kind: kind, Resource: resource, SubResource: v.Target.Subresource,
		RequestKind: &requestKind, RequestResource: &requestResource, RequestSubResource: came.Subresource,
		Name: a.Name, Namespace: a.Namespace, Operation: admissionv1.Operation(a.Operation),
		UserInfo: a.Request.User, DryRun: &dryRun, Options: runtime.RawExtension{Raw: options},
	}, nil
}

func (v *View) options() ([]byte, error) {
	if v.a.Options == nil {
		return nil, nil
	}
	kind := v.a.Options.GetObjectKind().GroupVersionKind()
	if kind.Kind == "" {
		kind.Kind = reflect.TypeOf(v.a.Options).Elem().Name()
	}
	kind.Group, kind.Version = metav1.GroupName, "v1"
	return Encode(v.a.Options, kind)
}
