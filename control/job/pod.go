package job

import (
	"slices"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/control/pods"
)

// indexVariable tells a container its pod's index.
const indexVariable = "JOB_COMPLETION_INDEX"

// generatedName is the room for a name with what the server appends.
const generatedName = 63 - 5

// podFor makes a pod of the job's template.
func podFor(job *batchv1.Job, n next) *corev1.Pod {
	p := pods.FromTemplate(&job.Spec.Template, job.Namespace, *metav1.NewControllerRef(job, kind))
	if !slices.Contains(p.Finalizers, batchv1.JobTrackingFinalizer) {
		p.Finalizers = append(p.Finalizers, batchv1.JobTrackingFinalizer)
	}
	if n.index == noIndex {
		return p
	}
	if p.Annotations == nil {
		p.Annotations = map[string]string{}
	}
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	ix := strconv.Itoa(n.index)
	p.Annotations[batchv1.JobCompletionIndexAnnotation] = ix
	p.Labels[batchv1.JobCompletionIndexAnnotation] = ix
	if job.Spec.BackoffLimitPerIndex != nil {
		p.Annotations[batchv1.JobIndexFailureCountAnnotation] = strconv.Itoa(int(n.counted))
		if n.ignored > 0 {
			p.Annotations[batchv1.JobIndexIgnoredFailureCountAnnotation] = strconv.Itoa(int(n.ignored))
		}
	}
	p.Spec.Hostname = job.Name + "-" + ix
	suffix := "-" + ix + "-"
	p.GenerateName = job.Name[:min(len(job.Name), generatedName-len(suffix))] + suffix
	for _, containers := range [][]corev1.Container{p.Spec.InitContainers, p.Spec.Containers} {
		for i := range containers {
			addIndexVariable(&containers[i])
		}
	}
	return p
}

func addIndexVariable(c *corev1.Container) {
	if slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == indexVariable }) {
		return
	}
	c.Env = append(c.Env, corev1.EnvVar{Name: indexVariable, ValueFrom: &corev1.EnvVarSource{
		FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.labels['" + batchv1.JobCompletionIndexAnnotation + "']"},
	}})
}
