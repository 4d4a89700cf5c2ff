// Package events makes events.k8s.io/v1: a second version of the core Event, with other names for the same
// fields. It is stored and validated as the core one. Callers: kinds/builtin.
package events

import (
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

// All returns the group's resources; hub is the core Event of the same set.
func All(hub *kinds.Resource) []*kinds.Resource {
	return []*kinds.Resource{{
		Group: "events.k8s.io", Version: "v1", Kind: "Event",
		Plural: "events", Singular: "event", ShortNames: []string{"ev"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &eventsv1.Event{} },
		NewList: func() runtime.Object { return &eventsv1.EventList{} },
		Hub:     hub,
		ToHub:   func(obj kinds.Object) kinds.Object { return toCore(obj.(*eventsv1.Event)) },
		FromHub: func(obj kinds.Object) kinds.Object { return fromCore(obj.(*corev1.Event)) },
		Rules:   kinds.Rules{ValidateName: validation.NameIsDNSSubdomain}, // the rest is the hub's
		Table:   hub.Table,
		Fields: kinds.Fields{
			Names: []string{
				"reason", "reportingController", "type", "regarding.kind", "regarding.namespace", "regarding.name",
				"regarding.uid", "regarding.apiVersion", "regarding.resourceVersion", "regarding.fieldPath",
			},
			Refuse: kinds.RefuseUnsupported,
			Rename: map[string]string{
				"reportingController":       "reportingComponent",
				"regarding.kind":            "involvedObject.kind",
				"regarding.namespace":       "involvedObject.namespace",
				"regarding.name":            "involvedObject.name",
				"regarding.uid":             "involvedObject.uid",
				"regarding.apiVersion":      "involvedObject.apiVersion",
				"regarding.resourceVersion": "involvedObject.resourceVersion",
				"regarding.fieldPath":       "involvedObject.fieldPath",
			},
			Values: hub.Fields.Values,
		},
		Delete:         hub.Delete,
		CreateOnUpdate: true,
	}}
}

func toCore(e *eventsv1.Event) *corev1.Event {
	out := &corev1.Event{
		ObjectMeta:          e.ObjectMeta,
		EventTime:           e.EventTime,
		ReportingController: e.ReportingController,
		ReportingInstance:   e.ReportingInstance,
		Action:              e.Action,
		Reason:              e.Reason,
		InvolvedObject:      e.Regarding,
		Related:             e.Related,
		Message:             e.Note,
		Type:                e.Type,
		Source:              e.DeprecatedSource,
		FirstTimestamp:      e.DeprecatedFirstTimestamp,
		LastTimestamp:       e.DeprecatedLastTimestamp,
		Count:               e.DeprecatedCount,
	}
	if s := e.Series; s != nil {
		out.Series = &corev1.EventSeries{Count: s.Count, LastObservedTime: s.LastObservedTime}
	}
	return out
}

func fromCore(e *corev1.Event) *eventsv1.Event {
	out := &eventsv1.Event{
		ObjectMeta:               e.ObjectMeta,
		EventTime:                e.EventTime,
		ReportingController:      e.ReportingController,
		ReportingInstance:        e.ReportingInstance,
		Action:                   e.Action,
		Reason:                   e.Reason,
		Regarding:                e.InvolvedObject,
		Related:                  e.Related,
		Note:                     e.Message,
		Type:                     e.Type,
		DeprecatedSource:         e.Source,
		DeprecatedFirstTimestamp: e.FirstTimestamp,
		DeprecatedLastTimestamp:  e.LastTimestamp,
		DeprecatedCount:          e.Count,
	}
	if s := e.Series; s != nil {
		out.Series = &eventsv1.EventSeries{Count: s.Count, LastObservedTime: s.LastObservedTime}
	}
	return out
}
