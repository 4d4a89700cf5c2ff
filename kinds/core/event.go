package core

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// eventTTL is how long an event is kept, in seconds: an hour, and a minute more for clocks that differ.
const eventTTL = 3600 + 60

// event is the kind of both event APIs: events.k8s.io/v1 has it as its hub.
func event() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "Event",
		Plural: "events", Singular: "event", ShortNames: []string{"ev"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.Event{} },
		NewList: func() runtime.Object { return &corev1.EventList{} },
		Storage: kinds.Storage{Key: "events", APIVersion: "v1", TTL: func(kinds.Object) int64 { return eventTTL }},
		Rules: kinds.For[*corev1.Event]{
			// Recorders of old make names that are no subdomains.
			ValidateName: path.ValidatePathSegmentName,
			Validate:     func(in kinds.Input, obj *corev1.Event) field.ErrorList { return validateEvent(in, obj) },
			ValidateUpdate: func(in kinds.Input, obj, old *corev1.Event) field.ErrorList {
				return validateEventUpdate(in, obj, old)
			},
		}.Rules(),
		Table: EventTable(),
		Fields: kinds.Fields{
			Names: []string{
				"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
				"involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
				"reason", "reportingComponent", "source", "type",
			},
			Refuse: kinds.RefuseUnsupported,
			Values: eventFields,
		},
		Delete:         kinds.Deletion{NoGC: true},
		CreateOnUpdate: true,
	}
}

func eventFields(obj kinds.Object) fields.Set {
	e := obj.(*corev1.Event)
	about := &e.InvolvedObject
	source := e.Source.Component
	if source == "" {
		source = e.ReportingController
	}
	return fields.Set{
		"involvedObject.kind":            about.Kind,
		"involvedObject.namespace":       about.Namespace,
		"involvedObject.name":            about.Name,
		"involvedObject.uid":             string(about.UID),
		"involvedObject.apiVersion":      about.APIVersion,
		"involvedObject.resourceVersion": about.ResourceVersion,
		"involvedObject.fieldPath":       about.FieldPath,
		"reason":                         e.Reason,
		"reportingComponent":             e.ReportingController,
		"source":                         source,
		"type":                           e.Type,
	}
}
