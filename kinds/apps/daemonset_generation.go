package apps

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/workload"
)

// A DaemonSet counts the changes of its template apart from those of its spec. The number was a field once
// and is an annotation now, which a client may choose on create and never change.

func templateGeneration(d *appsv1.DaemonSet) (int64, error) {
	text, ok := d.Annotations[appsv1.DeprecatedTemplateGeneration]
	if !ok {
		return 0, nil
	}
	return strconv.ParseInt(text, 10, 64)
}

func setTemplateGeneration(d *appsv1.DaemonSet, n int64) {
	if d.Annotations == nil {
		d.Annotations = map[string]string{}
	}
	d.Annotations[appsv1.DeprecatedTemplateGeneration] = strconv.FormatInt(n, 10)
}

// defaultTemplateGeneration puts the annotation in, so that managedFields know who wrote it.
func defaultTemplateGeneration(d *appsv1.DaemonSet) {
	if _, ok := d.Annotations[appsv1.DeprecatedTemplateGeneration]; !ok {
		setTemplateGeneration(d, 0)
	}
}

func beginTemplateGeneration(d *appsv1.DaemonSet) {
	if n, err := templateGeneration(d); err == nil && n < 1 {
		setTemplateGeneration(d, 1)
	}
}

func keepTemplateGeneration(d, old *appsv1.DaemonSet) {
	n, err := templateGeneration(old)
	if err != nil {
		return
	}
	if workload.Changed(d.Spec.Template, old.Spec.Template) {
		n++
	}
	setTemplateGeneration(d, n)
}

func validateTemplateGeneration(d *appsv1.DaemonSet) field.ErrorList {
	if _, err := templateGeneration(d); err != nil {
		path := field.NewPath("metadata", "annotations").Key(appsv1.DeprecatedTemplateGeneration)
		return field.ErrorList{field.Invalid(path, d.Annotations[appsv1.DeprecatedTemplateGeneration], err.Error())}
	}
	return nil
}
