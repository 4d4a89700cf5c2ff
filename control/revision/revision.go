// Package revision keeps versions of a pod template as controller revisions, from which kubectl rollout
// shows history and goes back. Callers: the controllers of daemon sets and stateful sets.
package revision

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Patch is what a revision holds: a strategic merge patch that makes the template this one.
func Patch(template *corev1.PodTemplateSpec) ([]byte, error) {
	body, err := json.Marshal(template)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	fields["$patch"] = "replace"
	return json.Marshal(map[string]any{"spec": map[string]any{"template": fields}})
}

// Template is the template that a revision holds.
func Template(r *appsv1.ControllerRevision) (*corev1.PodTemplateSpec, error) {
	var held struct {
		Spec struct {
			Template corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	}
	err := json.Unmarshal(r.Data.Raw, &held)
	return &held.Spec.Template, err
}

// Holds reports whether the revision holds what the patch says. Stored JSON may be spaced or ordered in
// another way.
func Holds(r *appsv1.ControllerRevision, patch []byte) bool {
	if bytes.Equal(r.Data.Raw, patch) {
		return true
	}
	return bytes.Equal(canonical(r.Data.Raw), canonical(patch))
}

func canonical(data []byte) []byte {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return data
	}
	out, err := json.Marshal(v)
	if err != nil {
		return data
	}
	return out
}

// Sort puts the oldest first.
func Sort(revisions []*appsv1.ControllerRevision) {
	slices.SortFunc(revisions, func(a, b *appsv1.ControllerRevision) int {
		return cmp.Or(cmp.Compare(a.Revision, b.Revision), a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
}

// Next is the number after those of sorted revisions.
func Next(sorted []*appsv1.ControllerRevision) int64 {
	if len(sorted) == 0 {
		return 1
	}
	return sorted[len(sorted)-1].Revision + 1
}
