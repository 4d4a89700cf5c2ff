package batch

import (
	"fmt"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/workload"
)

func job() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "Job",
		Plural: "jobs", Singular: "job", Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &batchv1.Job{} },
		NewList: func() runtime.Object { return &batchv1.JobList{} },
		Storage: kinds.Storage{
			Key: "jobs", APIVersion: "batch/v1",
			// kube-apiserver stores a job without the labels it takes from its template.
			Restore: func(obj kinds.Object) { defaultJobLabels(obj.(*batchv1.Job)) },
		},
		Rules: kinds.For[*batchv1.Job]{
			Default:        defaultJob,
			PrepareCreate:  prepareJob,
			PrepareUpdate:  prepareJobUpdate,
			Validate:       validateJob,
			ValidateUpdate: validateJobUpdate,
			Warn:           warnJob,
			ResetFields:    []string{"status"},
		}.Rules(),
		Delete: kinds.Deletion{
			DefaultPropagation: metav1.DeletePropagationOrphan,
			Warn: func(options *metav1.DeleteOptions) []string {
				//nolint:staticcheck // clients still send OrphanDependents
				if options != nil && (options.PropagationPolicy != nil || options.OrphanDependents != nil) {
					return nil
				}
				return []string{"child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"}
			},
		},
		Table: kinds.Table{Columns: jobColumns(), Cells: jobCells},
		Fields: kinds.Fields{
			Names: []string{"status.successful"},
			Values: func(obj kinds.Object) fields.Set {
				return fields.Set{"status.successful": strconv.Itoa(int(obj.(*batchv1.Job).Status.Succeeded))}
			},
			Refuse: func(label string) string { return fmt.Sprintf("field label %q not supported for Job", label) },
		},
		Subresources: []*kinds.Subresource{
			workload.Status(kinds.For[*batchv1.Job]{
				PrepareUpdate:  func(_ kinds.Input, j, old *batchv1.Job) { j.Spec = old.Spec },
				ValidateUpdate: validateJobStatus,
				ResetFields:    []string{"spec"},
			}.Rules()),
		},
	}
}

func warnJob(j, old *batchv1.Job) []string {
	path := specPath
	if old == nil {
		return append(workload.WarnName(j.Name), warnJobSpec(&j.Spec, nil, path)...)
	}
	if j.Generation == old.Generation {
		return nil
	}
	return warnJobSpec(&j.Spec, &old.Spec, path)
}
