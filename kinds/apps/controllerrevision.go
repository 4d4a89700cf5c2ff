package apps

import (
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/workload"
)

func controllerRevision() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ControllerRevision",
		Plural: "controllerrevisions", Singular: "controllerrevision",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &appsv1.ControllerRevision{} },
		NewList: func() runtime.Object { return &appsv1.ControllerRevisionList{} },
		Storage: kinds.Storage{Key: "controllerrevisions", APIVersion: "apps/v1"},
		Rules: kinds.For[*appsv1.ControllerRevision]{
			Validate: func(_ kinds.Input, r *appsv1.ControllerRevision) field.ErrorList {
				errs := validateRevision(r)
				if len(r.Data.Raw) == 0 && r.Data.Object == nil {
					errs = append(errs, field.Required(field.NewPath("data"), "data is mandatory"))
				}
				return errs
			},
			ValidateUpdate: func(_ kinds.Input, r, old *appsv1.ControllerRevision) field.ErrorList {
				return append(validateRevision(r), workload.Immutable(r.Data, old.Data, field.NewPath("data"))...)
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Controller", Type: "string", Description: "Controller of the object"},
				kinds.Column{Name: "Revision", Type: "string", Description: appsv1.ControllerRevision{}.SwaggerDoc()["revision"]},
				cells.AgeColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				r := obj.(*appsv1.ControllerRevision)
				return []any{r.Name, controller(r), r.Revision, cells.Age(r.CreationTimestamp, now)}
			},
		},
	}
}

func validateRevision(r *appsv1.ControllerRevision) field.ErrorList {
	return apivalidation.ValidateNonnegativeField(r.Revision, field.NewPath("revision"))
}

// controller names the object that owns the revision: "daemonset.apps/x".
func controller(r *appsv1.ControllerRevision) string {
	owner := metav1.GetControllerOf(r)
	if owner == nil {
		return "<none>"
	}
	kind := schema.FromAPIVersionAndKind(owner.APIVersion, owner.Kind).GroupKind()
	return strings.ToLower(kind.String()) + "/" + owner.Name
}
