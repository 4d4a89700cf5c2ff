package workloads

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// ends makes pods end at once: as their image says, "fail-N" with exit code N, and else in success.
func ends(p *corev1.Pod) *corev1.PodStatus {
	if p.Status.Phase != corev1.PodPending || p.Spec.Containers[0].Image == "wait" {
		return nil
	}
	s := p.Status.DeepCopy()
	code := int32(0)
	s.Phase = corev1.PodSucceeded
	image := p.Spec.Containers[0].Image
	if image == "fail-index-1" && p.Labels[batchv1.JobCompletionIndexAnnotation] == "1" || image == "fail" {
		code, s.Phase = 3, corev1.PodFailed
	}
	s.ContainerStatuses = []corev1.ContainerStatus{{Name: "c", Image: image, State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, FinishedAt: metav1.Now()}}}}
	return s
}

func (w *world) job(name, image string, change ...func(*batchv1.JobSpec)) {
	w.Helper()
	job := &batchv1.Job{ObjectMeta: meta(name), Spec: batchv1.JobSpec{Template: template(name, image)}}
	job.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	for _, c := range change {
		c(&job.Spec)
	}
	_, err := w.BatchV1().Jobs(ns).Create(w.ctx, job, metav1.CreateOptions{})
	w.must(err)
}

// ended waits for the job to end and returns it.
func (w *world) ended(name string) *batchv1.Job {
	w.Helper()
	var out *batchv1.Job
	w.eventually("job "+name+" ends", func() bool {
		job, err := w.BatchV1().Jobs(ns).Get(w.ctx, name, metav1.GetOptions{})
		w.must(err)
		out = job
		for _, c := range job.Status.Conditions {
			if c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed {
				return true
			}
		}
		return false
	})
	for _, p := range w.pods("batch.kubernetes.io/job-name=" + name) {
		if len(p.Finalizers) > 0 {
			w.Errorf("pod %s keeps %v", p.Name, p.Finalizers)
		}
	}
	return out
}

func conditions(job *batchv1.Job) string {
	var out []string
	for _, c := range job.Status.Conditions {
		out = append(out, string(c.Type)+"="+string(c.Status)+":"+c.Reason)
	}
	return strings.Join(out, " ")
}

func TestJob(t *testing.T) {
	w := newWorld(t, ends)
	w.job("sum", "ok", func(s *batchv1.JobSpec) { s.Completions, s.Parallelism = ptr(int32(5)), ptr(int32(2)) })
	job := w.ended("sum")
	if got := conditions(job); got != "SuccessCriteriaMet=True:CompletionsReached Complete=True:CompletionsReached" {
		t.Errorf("conditions %s", got)
	}
	if s := job.Status; s.Succeeded != 5 || s.Failed != 0 || s.Active != 0 || s.CompletionTime == nil || len(w.pods("")) != 5 {
		t.Errorf("status %+v", s)
	}
	w.event("Job", "sum", "Completed", "Job completed")
	w.event("Job", "sum", "SuccessfulCreate", "Created pod: sum-")
}

func TestJobThatFails(t *testing.T) {
	w := newWorld(t, ends)
	w.job("no", "fail", func(s *batchv1.JobSpec) { s.BackoffLimit = ptr(int32(0)) })
	job := w.ended("no")
	if got := conditions(job); got != "FailureTarget=True:BackoffLimitExceeded Failed=True:BackoffLimitExceeded" {
		t.Errorf("conditions %s", got)
	}
	if s := job.Status; s.Failed != 1 || s.Succeeded != 0 {
		t.Errorf("status %+v", s)
	}
	w.event("Job", "no", "BackoffLimitExceeded", "Job has reached the specified backoff limit")

	w.job("policy", "fail", func(s *batchv1.JobSpec) {
		s.PodFailurePolicy = &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{{
			Action:      batchv1.PodFailurePolicyActionFailJob,
			OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: []int32{3}},
		}}}
	})
	job = w.ended("policy")
	if c := job.Status.Conditions[0]; c.Reason != "PodFailurePolicy" || !strings.HasSuffix(c.Message, "failed with exit code 3 matching FailJob rule at index 0") {
		t.Errorf("condition %+v", c)
	}

	w.job("late", "wait", func(s *batchv1.JobSpec) { s.ActiveDeadlineSeconds = ptr(int64(1)) })
	if got := conditions(w.ended("late")); got != "FailureTarget=True:DeadlineExceeded Failed=True:DeadlineExceeded" {
		t.Errorf("conditions %s", got)
	}
}

func TestIndexedJob(t *testing.T) {
	w := newWorld(t, ends)
	indexed := func(s *batchv1.JobSpec) {
		s.CompletionMode, s.Completions, s.Parallelism = ptr(batchv1.IndexedCompletion), ptr(int32(5)), ptr(int32(3))
	}
	w.job("all", "ok", indexed)
	job := w.ended("all")
	if job.Status.CompletedIndexes != "0-4" || job.Status.Succeeded != 5 {
		t.Errorf("status %+v", job.Status)
	}
	for _, p := range w.pods("batch.kubernetes.io/job-name=all") {
		ix := p.Labels["batch.kubernetes.io/job-completion-index"]
		if p.Annotations["batch.kubernetes.io/job-completion-index"] != ix || p.Spec.Hostname != "all-"+ix || !strings.HasPrefix(p.Name, "all-"+ix+"-") || p.Spec.Containers[0].Env[0].Name != "JOB_COMPLETION_INDEX" {
			t.Errorf("pod %s: %v %s", p.Name, p.Labels, p.Spec.Hostname)
		}
	}
	w.job("one-fails", "fail-index-1", indexed, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr(int32(0)) })
	job = w.ended("one-fails")
	if job.Status.CompletedIndexes != "0,2-4" || job.Status.FailedIndexes == nil || *job.Status.FailedIndexes != "1" {
		t.Errorf("status %+v", job.Status)
	}
	if got := conditions(job); got != "FailureTarget=True:FailedIndexes Failed=True:FailedIndexes" {
		t.Errorf("conditions %s", got)
	}
	w.job("enough", "fail-index-1", indexed, func(s *batchv1.JobSpec) {
		s.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededIndexes: ptr("0")}}}
	})
	if got := conditions(w.ended("enough")); got != "SuccessCriteriaMet=True:SuccessPolicy Complete=True:SuccessPolicy" {
		t.Errorf("conditions %s", got)
	}
}

func TestSuspendedJob(t *testing.T) {
	w := newWorld(t, ends)
	w.job("later", "wait", func(s *batchv1.JobSpec) { s.Parallelism = ptr(int32(2)) })
	api := w.BatchV1().Jobs(ns)
	active := func(n int32) {
		t.Helper()
		w.eventually("active pods", func() bool {
			job, err := api.Get(w.ctx, "later", metav1.GetOptions{})
			w.must(err)
			return job.Status.Active == n && len(w.pods("")) == int(n) && job.Status.Failed == 0
		})
	}
	active(2)
	_, err := api.Patch(w.ctx, "later", types.MergePatchType, []byte(`{"spec":{"suspend":true}}`), metav1.PatchOptions{})
	w.must(err)
	active(0)
	w.event("Job", "later", "Suspended", "Job suspended")
	time.Sleep(1100 * time.Millisecond) // times are whole seconds: it starts at another one
	_, err = api.Patch(w.ctx, "later", types.MergePatchType, []byte(`{"spec":{"suspend":false}}`), metav1.PatchOptions{})
	w.must(err)
	active(2)
	job, err := api.Get(w.ctx, "later", metav1.GetOptions{})
	w.must(err)
	if got := conditions(job); got != "Suspended=False:JobResumed" {
		t.Errorf("conditions %s", got)
	}
}
