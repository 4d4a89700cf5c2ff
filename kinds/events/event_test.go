package events

import (
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/core"
)

func hub(t *testing.T) *kinds.Resource {
	t.Helper()
	r := kinds.NewSet(core.All()).Kind(core.EventKind)
	if r == nil {
		t.Fatal("no core Event")
	}
	return r
}

func TestBothVersionsHoldTheSame(t *testing.T) {
	const full = `
metadata: {name: a, namespace: b}
eventTime: "2026-01-01T00:00:00.000000Z"
series: {count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z"}
reportingController: c
reportingInstance: i
action: act
reason: r
regarding: {kind: Pod, name: p, fieldPath: f}
related: {kind: Node, name: n1}
note: text
type: Normal
deprecatedSource: {component: k, host: h}
deprecatedFirstTimestamp: "2026-01-01T00:00:00Z"
deprecatedLastTimestamp: "2026-01-01T00:00:02Z"
deprecatedCount: 3
`
	e := &eventsv1.Event{}
	if err := yaml.UnmarshalStrict([]byte(full), e); err != nil {
		t.Fatal(err)
	}
	r := All(hub(t))[0]
	if back := r.FromHub(r.ToHub(e)); !equality.Semantic.DeepEqual(back, e) {
		t.Errorf("%+v\nwant\n%+v", back, e)
	}
	values := r.Root().Fields.Values(r.ToHub(e))
	for label, known := range r.Fields.Rename {
		if _, ok := values[known]; !ok {
			t.Errorf("%s is renamed to %s, which has no value", label, known)
		}
	}
	if got := values[r.Fields.Rename["regarding.name"]]; got != "p" {
		t.Errorf("regarding.name is %q", got)
	}
}
