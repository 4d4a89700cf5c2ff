package hostile

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A request is one that is meant to hurt, and the codes it may be answered with.
type attackRequest struct {
	name         string
	method, path string
	contentType  string
	body         string
	codes        []int
	message      string // must be in the answer
}

const (
	asJSON      = "application/json"
	asYAML      = "application/yaml"
	asProtobuf  = "application/vnd.kubernetes.protobuf"
	asJSONPatch = "application/json-patch+json"
	asMerge     = "application/merge-patch+json"
	asStrategic = "application/strategic-merge-patch+json"
	asApply     = "application/apply-patch+yaml"
)

// run sends each and looks at the answers.
func run(t *testing.T, s *target, all []attackRequest) {
	t.Helper()
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			s.attack(t, func() {
				ctx, cancel := context.WithTimeout(context.Background(), 3*maxTime)
				defer cancel()
				a, err := s.send(ctx, r.method, r.path, r.contentType, []byte(r.body))
				if err != nil {
					t.Errorf("no answer: %v", err)
					return
				}
				t.Logf("%d %.200s", a.code, a.body)
				check(t, r, a)
			})
		})
	}
}

func check(t *testing.T, r attackRequest, a answer) {
	t.Helper()
	if a.took > maxTime {
		t.Errorf("the answer takes %s", a.took)
	}
	if !slices.Contains(r.codes, a.code) {
		t.Errorf("%d, not one of %v", a.code, r.codes)
	}
	if a.code >= http.StatusBadRequest && (a.status.Kind != "Status" || int(a.status.Code) != a.code || a.status.Message == "") {
		t.Errorf("no Status: %.200s", a.body)
	}
	if !strings.Contains(a.status.Message, r.message) {
		t.Errorf("%.300s; must tell of %s", a.status.Message, r.message)
	}
	const most = 1 << 20 // of what Go's client takes
	size := 0
	for name, values := range a.header {
		size += len(name) + len(strings.Join(values, ""))
	}
	if size > most/4 {
		t.Errorf("headers of %d bytes", size)
	}
}

// list makes a text of n parts with commas between them.
func list(n int, part func(i int) string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(part(i))
	}
	return b.String()
}

func times(n int, s string) string { return strings.Repeat(s, n) }

func named(i int) string { return fmt.Sprintf(`{"name":"a%d"}`, i) }
