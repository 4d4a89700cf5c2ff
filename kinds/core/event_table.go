package core

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

// EventTable is the table of events; its cells are made from the core version.
func EventTable() kinds.Table {
	doc := corev1.Event{}.SwaggerDoc()
	return kinds.Table{
		Columns: kinds.Columns(
			kinds.Column{Name: "Last Seen", Type: "string", Description: doc["lastTimestamp"]},
			kinds.Column{Name: "Type", Type: "string", Description: doc["type"]},
			kinds.Column{Name: "Reason", Type: "string", Description: doc["reason"]},
			kinds.Column{Name: "Object", Type: "string", Description: doc["involvedObject"]},
			kinds.Column{Name: "Subobject", Type: "string", Priority: 1, Description: corev1.ObjectReference{}.SwaggerDoc()["fieldPath"]},
			kinds.Column{Name: "Source", Type: "string", Priority: 1, Description: doc["source"]},
			kinds.Column{Name: "Message", Type: "string", Description: doc["message"]},
			kinds.Column{Name: "First Seen", Type: "string", Priority: 1, Description: doc["firstTimestamp"]},
			kinds.Column{Name: "Count", Type: "string", Priority: 1, Description: doc["count"]},
			kinds.Column{Name: "Name", Type: "string", Format: "name", Priority: 1, Description: metav1.ObjectMeta{}.SwaggerDoc()["name"]},
		),
		Cells: eventCells,
	}
}

func eventCells(obj kinds.Object, now time.Time) []any {
	e := obj.(*corev1.Event)
	first := cells.Age(e.FirstTimestamp, now)
	if e.FirstTimestamp.IsZero() {
		first = cells.AgeMicro(e.EventTime, now)
	}
	last := first
	if !e.LastTimestamp.IsZero() {
		last = cells.Age(e.LastTimestamp, now)
	}
	count := e.Count
	switch {
	case e.Series != nil:
		last = cells.AgeMicro(e.Series.LastObservedTime, now)
		count = e.Series.Count
	case count == 0:
		count = 1 // one that happened once has no count in the new API
	}
	object := strings.ToLower(e.InvolvedObject.Kind)
	if e.InvolvedObject.Name != "" {
		object += "/" + e.InvolvedObject.Name
	}
	source := cells.Or(e.Source.Component, e.ReportingController)
	if instance := cells.Or(e.Source.Host, e.ReportingInstance); instance != "" {
		source += ", " + instance
	}
	return []any{
		last, e.Type, e.Reason, object, e.InvolvedObject.FieldPath, source,
		strings.TrimSpace(e.Message), first, int64(count), e.Name,
	}
}
