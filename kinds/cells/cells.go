// Package cells makes the cells of tables that kinds share: ages, names, lists cut short. Callers: kinds.
package cells

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/nave-k8s/nave/kinds"
)

// NameColumn and AgeColumn begin and end nearly every table.
var (
	NameColumn = kinds.Column{Name: "Name", Type: "string", Format: "name", Description: metav1.ObjectMeta{}.SwaggerDoc()["name"]}
	AgeColumn  = kinds.Column{Name: "Age", Type: "string", Description: metav1.ObjectMeta{}.SwaggerDoc()["creationTimestamp"]}
)

// Age is how long ago t was, as kubectl shows it; "<unknown>" for no time.
func Age(t metav1.Time, now time.Time) string {
	if t.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(t.Time))
}

// Date is a time in a column of type date.
func Date(t metav1.Time) string { return t.UTC().Format(time.RFC3339) }

// AgeMicro is Age of a time with microseconds.
func AgeMicro(t metav1.MicroTime, now time.Time) string { return Age(metav1.Time(t), now) }
