package core

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/quantity"
	"github.com/nave-k8s/nave/kinds/resourcename"
)

func resourceQuota() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "ResourceQuota",
		Plural: "resourcequotas", Singular: "resourcequota", ShortNames: []string{"quota"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.ResourceQuota{} },
		NewList: func() runtime.Object { return &corev1.ResourceQuotaList{} },
		Storage: kinds.Storage{Key: "resourcequotas", APIVersion: "v1"},
		Rules: kinds.For[*corev1.ResourceQuota]{
			Default: func(obj *corev1.ResourceQuota) {
				quantity.RoundUp(obj.Spec.Hard)
				quantity.RoundUp(obj.Status.Hard)
				quantity.RoundUp(obj.Status.Used)
			},
			PrepareCreate: func(_ kinds.Input, obj *corev1.ResourceQuota) { obj.Status = corev1.ResourceQuotaStatus{} },
			PrepareUpdate: func(_ kinds.Input, obj, old *corev1.ResourceQuota) { obj.Status = old.Status },
			Validate:      func(_ kinds.Input, obj *corev1.ResourceQuota) field.ErrorList { return validateQuota(&obj.Spec) },
			ValidateUpdate: func(_ kinds.Input, obj, old *corev1.ResourceQuota) field.ErrorList {
				return validateQuotaUpdate(obj, old)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Request", Type: "string", Description: "Request represents a minimum amount of cpu/memory that a container may consume."},
				kinds.Column{Name: "Limit", Type: "string", Description: "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node."},
				cells.AgeColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				q := obj.(*corev1.ResourceQuota)
				requests, limits := quotaUsage(&q.Status)
				return []any{q.Name, requests, limits, cells.Age(q.CreationTimestamp, now)}
			},
		},
		Delete:       kinds.Deletion{ReturnsObject: true},
		Subresources: []*kinds.Subresource{resourceQuotaStatus()},
	}
}

func resourceQuotaStatus() *kinds.Subresource {
	part := kinds.For[*corev1.ResourceQuota]{
		PrepareUpdate: func(_ kinds.Input, obj, old *corev1.ResourceQuota) { obj.Spec = old.Spec },
		ValidateUpdate: func(_ kinds.Input, obj, _ *corev1.ResourceQuota) field.ErrorList {
			path := field.NewPath("status")
			errs := validateQuotaList(obj.Status.Hard, path.Child("hard"))
			return append(errs, validateQuotaList(obj.Status.Used, path.Child("used"))...)
		},
		ResetFields: []string{"spec"},
	}.Rules()
	return &kinds.Subresource{Name: "status", Verbs: statusVerbs, Part: &part}
}

// quotaUsage shows how much of each resource is used, limits apart from the rest.
func quotaUsage(status *corev1.ResourceQuotaStatus) (requests, limits string) {
	var r, l []string
	for _, name := range resourcename.Sorted(status.Hard) {
		used, hard := status.Used[name], status.Hard[name]
		text := string(name) + ": " + used.String() + "/" + hard.String()
		if strings.HasPrefix(string(name), "limits") {
			l = append(l, text)
		} else {
			r = append(r, text)
		}
	}
	return strings.Join(r, ", "), strings.Join(l, ", ")
}
