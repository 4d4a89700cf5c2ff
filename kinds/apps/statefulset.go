package apps

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func statefulSet() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "StatefulSet",
		Plural: "statefulsets", Singular: "statefulset", ShortNames: []string{"sts"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &appsv1.StatefulSet{} },
		NewList: func() runtime.Object { return &appsv1.StatefulSetList{} },
		Storage: kinds.Storage{
			Key: "statefulsets", APIVersion: "apps/v1",
			Restore: func(obj kinds.Object) { nameClaims(obj.(*appsv1.StatefulSet)) },
		},
		Bare: func(obj kinds.Object) { set(&obj.(*appsv1.StatefulSet).Spec.Replicas, 0) },
		Rules: kinds.For[*appsv1.StatefulSet]{
			Default: defaultStatefulSet,
			PrepareCreate: func(_ kinds.Input, s *appsv1.StatefulSet) {
				s.Status = appsv1.StatefulSetStatus{}
				workload.Begin(&s.ObjectMeta)
				workload.DropDisabled(&s.Spec.Template, nil)
			},
			PrepareUpdate: func(_ kinds.Input, s, old *appsv1.StatefulSet) {
				s.Status = old.Status
				workload.DropDisabled(&s.Spec.Template, &old.Spec.Template)
				workload.Advance(&s.ObjectMeta, &old.ObjectMeta, workload.Changed(s.Spec, old.Spec))
			},
			// Pods and their hostnames have the set's name in front, so it must be a DNS label.
			ValidateName:   apivalidation.NameIsDNSLabel,
			Validate:       validateStatefulSet,
			ValidateUpdate: validateStatefulSetUpdate,
			Warn:           warnStatefulSet,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Ready", Type: "string", Description: "Number of the pod with ready state"},
				cells.AgeColumn,
				workload.ContainersColumn,
				workload.ImagesColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				s := obj.(*appsv1.StatefulSet)
				names, images := workload.Containers(&s.Spec.Template)
				return []any{
					s.Name, fmt.Sprintf("%d/%d", s.Status.ReadyReplicas, workload.Int(s.Spec.Replicas)),
					cells.Age(s.CreationTimestamp, now), names, images,
				}
			},
		},
		Subresources: []*kinds.Subresource{
			workload.Scale(
				func(s *appsv1.StatefulSet) workload.Size {
					return workload.Size{Desired: s.Spec.Replicas, Observed: s.Status.Replicas, Selector: selectors.Text(s.Spec.Selector)}
				},
				func(s *appsv1.StatefulSet, replicas *int32) { s.Spec.Replicas = replicas },
			),
			workload.Status(kinds.For[*appsv1.StatefulSet]{
				PrepareUpdate:  func(_ kinds.Input, s, old *appsv1.StatefulSet) { s.Spec = old.Spec },
				ValidateUpdate: validateStatefulSetStatus,
				ResetFields:    []string{"spec"},
			}.Rules()),
		},
	}
}

func warnStatefulSet(s, old *appsv1.StatefulSet) []string {
	var warnings []string
	if old == nil {
		warnings = workload.WarnTemplate(&s.Spec.Template, nil, templatePath)
	} else if s.Generation != old.Generation {
		warnings = workload.WarnTemplate(&s.Spec.Template, &old.Spec.Template, templatePath)
	}
	if old == nil || s.Generation != old.Generation {
		for i := range s.Spec.VolumeClaimTemplates {
			warnings = append(warnings, workload.WarnClaimSpec(&s.Spec.VolumeClaimTemplates[i].Spec, claimPath(i))...)
		}
	}
	if limit := s.Spec.RevisionHistoryLimit; limit != nil && *limit < 0 {
		warnings = append(warnings, "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended")
	}
	return warnings
}
