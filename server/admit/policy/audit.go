package policy

import (
	"encoding/json"
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"

	"github.com/nave-k8s/nave/server/request"
)

const (
	failuresKey = "validation.policy.admission.k8s.io/validation_failure"
	// maxFailures is how many an annotation tells of; maxNote is how long the value of one of a policy may be.
	maxFailures = 50
	maxNote     = 10 * 1024
)

// audit collects what policies have to say to the audit log about one write.
type audit struct {
	failures []failed
	keys     []string
	values   map[string][]string
}

// failed is a validation that did not hold, of a binding with the action Audit.
type failed struct {
	Message           string                                     `json:"message"`
	Policy            string                                     `json:"policy"`
	Binding           string                                     `json:"binding"`
	ExpressionIndex   int                                        `json:"expressionIndex"`
	ValidationActions []admissionregistrationv1.ValidationAction `json:"validationActions"`
}

func (t *audit) failure(i invocation, d decision) {
	if len(t.failures) < maxFailures {
		t.failures = append(t.failures, failed{d.message, i.policy.name, i.binding.name, d.index, i.binding.actions})
	}
}

// add adds a value of an annotation; bindings of one policy may give several.
func (t *audit) add(key, value string) {
	if len(value) > maxNote {
		value = value[:maxNote]
	}
	if t.values == nil {
		t.values = map[string][]string{}
	}
	if len(t.values[key]) == 0 {
		t.keys = append(t.keys, key)
	}
	if !slices.Contains(t.values[key], value) {
		t.values[key] = append(t.values[key], value)
	}
}

func (t *audit) publish(r *request.Request) {
	for _, key := range t.keys {
		r.Annotate(key, strings.Join(t.values[key], ", "))
	}
	if len(t.failures) > 0 {
		if text, err := json.Marshal(t.failures); err == nil {
			r.Annotate(failuresKey, string(text))
		}
	}
}
