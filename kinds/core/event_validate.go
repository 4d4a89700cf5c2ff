package core

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
)

// Lengths that events of the new form keep.
const (
	maxEventNote  = 1024
	maxEventField = 128
)

// The core API never refused much, and recorders rely on that. events.k8s.io/v1 is strict; the paths in its
// errors are those of the core version all the same.
func validateEvent(in kinds.Input, e *corev1.Event) field.ErrorList {
	errs := validateEventLoosely(in, e)
	if in.Version.Group == "" {
		return errs
	}
	errs = append(errs, validateEventSeries(e)...)
	if e.EventTime.IsZero() {
		errs = append(errs, field.Required(field.NewPath("eventTime"), ""))
	}
	if e.Type != corev1.EventTypeNormal && e.Type != corev1.EventTypeWarning {
		errs = append(errs, field.Invalid(field.NewPath("type"), "", fmt.Sprintf("has invalid value: %v", e.Type)))
	}
	for _, deprecated := range []struct {
		name string
		set  bool
	}{
		{"firstTimestamp", !e.FirstTimestamp.IsZero()},
		{"lastTimestamp", !e.LastTimestamp.IsZero()},
		{"count", e.Count != 0},
		{"source", e.Source != corev1.EventSource{}},
	} {
		if deprecated.set {
			errs = append(errs, field.Invalid(field.NewPath(deprecated.name), "", "needs to be unset"))
		}
	}
	return errs
}

// validateEventLoosely is all that the core API asks. Only what has an eventTime is of the new form.
func validateEventLoosely(in kinds.Input, e *corev1.Event) field.ErrorList {
	var errs field.ErrorList
	mismatch := func() {
		errs = append(errs, field.Invalid(field.NewPath("involvedObject", "namespace"), e.InvolvedObject.Namespace, "does not match event.namespace"))
	}
	about := e.InvolvedObject.Namespace
	if e.EventTime.IsZero() {
		switch {
		case about == "" && e.Namespace != metav1.NamespaceNone && e.Namespace != metav1.NamespaceDefault,
			about != "" && about != e.Namespace:
			mismatch()
		}
	} else {
		if about == "" && e.Namespace != metav1.NamespaceDefault && e.Namespace != metav1.NamespaceSystem {
			mismatch()
		}
		controller := "reportingController"
		if in.Version.Group == "" {
			controller = "reportingComponent"
		}
		if e.ReportingController == "" {
			errs = append(errs, field.Required(field.NewPath(controller), ""))
		}
		for _, msg := range validation.IsQualifiedName(e.ReportingController) {
			errs = append(errs, field.Invalid(field.NewPath(controller), e.ReportingController, msg))
		}
		for _, f := range []struct{ name, value string }{
			{"reportingInstance", e.ReportingInstance}, {"action", e.Action}, {"reason", e.Reason},
		} {
			if f.value == "" {
				errs = append(errs, field.Required(field.NewPath(f.name), ""))
			}
			errs = append(errs, validateEventLength(f.name, f.value, maxEventField)...)
		}
		errs = append(errs, validateEventLength("message", e.Message, maxEventNote)...)
	}
	for _, msg := range validation.IsDNS1123Subdomain(e.Namespace) {
		errs = append(errs, field.Invalid(field.NewPath("namespace"), e.Namespace, msg))
	}
	return errs
}

func validateEventLength(name, value string, limit int) field.ErrorList {
	if len(value) <= limit {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath(name), "", fmt.Sprintf("can have at most %v characters", limit))}
}

func validateEventSeries(e *corev1.Event) field.ErrorList {
	if e.Series == nil {
		return nil
	}
	var errs field.ErrorList
	if e.Series.Count < 2 {
		errs = append(errs, field.Invalid(field.NewPath("series.count"), "", "should be at least 2"))
	}
	if e.Series.LastObservedTime.IsZero() {
		errs = append(errs, field.Required(field.NewPath("series.lastObservedTime"), ""))
	}
	return errs
}

// validateEventUpdate lets the new API change nothing but the series.
func validateEventUpdate(in kinds.Input, e, old *corev1.Event) field.ErrorList {
	errs := validateEventLoosely(in, e)
	if in.Version.Group == "" {
		return errs
	}
	if !equality.Semantic.DeepEqual(e.Series, old.Series) {
		errs = append(errs, validateEventSeries(e)...)
	}
	fixed := func(name string, value, old any) {
		if !equality.Semantic.DeepEqual(value, old) {
			errs = append(errs, field.Invalid(field.NewPath(name), internalname.Value(value), apivalidation.FieldImmutableErrorMsg))
		}
	}
	fixed("involvedObject", e.InvolvedObject, old.InvolvedObject)
	fixed("reason", e.Reason, old.Reason)
	fixed("message", e.Message, old.Message)
	fixed("source", e.Source, old.Source)
	fixed("firstTimestamp", e.FirstTimestamp, old.FirstTimestamp)
	fixed("lastTimestamp", e.LastTimestamp, old.LastTimestamp)
	fixed("count", e.Count, old.Count)
	fixed("type", e.Type, old.Type)
	if was, is := old.EventTime.Time, e.EventTime.Time; was.UnixMicro() != is.UnixMicro() {
		errs = append(errs, field.Invalid(field.NewPath("eventTime"), e.EventTime, apivalidation.FieldImmutableErrorMsg))
	}
	fixed("action", e.Action, old.Action)
	fixed("related", e.Related, old.Related)
	fixed("reportingController", e.ReportingController, old.ReportingController)
	fixed("reportingInstance", e.ReportingInstance, old.ReportingInstance)
	return errs
}
