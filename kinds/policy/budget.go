package policy

import (
	"time"

	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/workload"
)

func podDisruptionBudget() *kinds.Resource {
	return &kinds.Resource{
		Group: "policy", Version: "v1", Kind: "PodDisruptionBudget",
		Plural: "poddisruptionbudgets", Singular: "poddisruptionbudget", ShortNames: []string{"pdb"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &policyv1.PodDisruptionBudget{} },
		NewList: func() runtime.Object { return &policyv1.PodDisruptionBudgetList{} },
		Storage: kinds.Storage{Key: "poddisruptionbudgets", APIVersion: "policy/v1"},
		// A budget that is replaced unseen could allow what another client just forbade.
		RequireVersionOnUpdate: true,
		Rules: kinds.For[*policyv1.PodDisruptionBudget]{
			PrepareCreate: func(_ kinds.Input, b *policyv1.PodDisruptionBudget) {
				b.Status = policyv1.PodDisruptionBudgetStatus{}
				workload.Begin(&b.ObjectMeta)
			},
			PrepareUpdate: func(_ kinds.Input, b, old *policyv1.PodDisruptionBudget) {
				b.Status = old.Status
				workload.Advance(&b.ObjectMeta, &old.ObjectMeta, workload.Changed(b.Spec, old.Spec))
			},
			Validate:       validateBudget,
			ValidateUpdate: validateBudgetUpdate,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Min Available", Type: "string", Description: "The minimum number of pods that must be available."},
				kinds.Column{Name: "Max Unavailable", Type: "string", Description: "The maximum number of pods that may be unavailable."},
				kinds.Column{Name: "Allowed Disruptions", Type: "integer", Description: "Calculated number of pods that may be disrupted at this time."},
				cells.AgeColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				b := obj.(*policyv1.PodDisruptionBudget)
				return []any{
					b.Name, limit(b.Spec.MinAvailable), limit(b.Spec.MaxUnavailable),
					int64(b.Status.DisruptionsAllowed), cells.Age(b.CreationTimestamp, now),
				}
			},
		},
		Subresources: []*kinds.Subresource{
			workload.Status(kinds.For[*policyv1.PodDisruptionBudget]{
				PrepareUpdate:  func(_ kinds.Input, b, old *policyv1.PodDisruptionBudget) { b.Spec = old.Spec },
				ValidateUpdate: validateBudgetStatus,
				ResetFields:    []string{"spec"},
			}.Rules()),
		},
	}
}

func limit(n *intstr.IntOrString) string {
	if n == nil {
		return "N/A"
	}
	return n.String()
}
