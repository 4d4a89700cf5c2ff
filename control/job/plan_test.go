package job

import (
	"fmt"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// pods are written "NAME:PHASE[:OPTION...]"; options are an index (i1), a failure count (f1), free of the
// finalizer (free), being deleted (del), and the seconds since the end (10s).
func podsOf(specs ...string) (out []*corev1.Pod) {
	for _, spec := range specs {
		parts := strings.Split(spec, ":")
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: parts[0], UID: types.UID(parts[0]), Finalizers: []string{batchv1.JobTrackingFinalizer}, Annotations: map[string]string{}}}
		p.Status.Phase = map[string]corev1.PodPhase{"run": corev1.PodRunning, "ok": corev1.PodSucceeded, "no": corev1.PodFailed}[parts[1]]
		ago := time.Hour
		for _, o := range parts[2:] {
			switch {
			case o == "free":
				p.Finalizers = nil
			case o == "del":
				p.DeletionTimestamp = &metav1.Time{Time: now}
			case o[0] == 'i':
				p.Annotations[batchv1.JobCompletionIndexAnnotation] = o[1:]
			case o[0] == 'f':
				p.Annotations[batchv1.JobIndexFailureCountAnnotation] = o[1:]
			default:
				d, err := time.ParseDuration(o)
				if err != nil {
					panic(err)
				}
				ago = d
			}
		}
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "c", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 3, FinishedAt: metav1.NewTime(now.Add(-ago))}}}}
		out = append(out, p)
	}
	return out
}

func names(pods []*corev1.Pod) string {
	var out []string
	for _, p := range pods {
		out = append(out, p.Name)
	}
	return strings.Join(out, " ")
}

func TestPlan(t *testing.T) {
	indexed := func(j *batchv1.Job) { j.Spec.CompletionMode = ptr(batchv1.IndexedCompletion) }
	perIndex := func(n int32) func(*batchv1.Job) {
		return func(j *batchv1.Job) { indexed(j); j.Spec.BackoffLimitPerIndex = &n }
	}
	for _, c := range []struct {
		name    string
		change  []func(*batchv1.Job)
		pods    []string
		streak  streak
		create  string // indexes
		remove  string
		kill    string
		release string
		status  string // succeeded/failed uncounted succeeded/failed
		ends    string // conditions
		after   time.Duration
	}{
		{name: "as many as run side by side", create: "[-1 -1]", status: "0/0 []/[]"},
		{name: "one ended: it is noted and let go, and another made", pods: []string{"a:ok", "b:run"}, create: "[-1]", release: "a", status: "0/0 [a]/[]"},
		{name: "the noted one is let go: it is counted", pods: []string{"a:ok:free", "b:run"},
			change: []func(*batchv1.Job){func(j *batchv1.Job) { j.Status.UncountedTerminatedPods.Succeeded = []types.UID{"a"} }}, create: "[-1]", status: "1/0 []/[]"},
		{name: "it fails: the next waits", pods: []string{"a:no:3s", "b:run"}, release: "a", status: "0/0 []/[a]", after: 7 * time.Second},
		{name: "it fails again: the next waits longer", pods: []string{"a:no:3s", "b:run"}, streak: streak{1, now.Add(-time.Minute)}, release: "a", status: "0/0 []/[a]", after: 17 * time.Second},
		{name: "all have succeeded", pods: []string{"a:ok", "b:ok", "c:ok"}, release: "a b c", status: "0/0 [a b c]/[]", ends: "SuccessCriteriaMet:CompletionsReached"},
		{name: "and are counted", pods: []string{"a:ok:free", "b:ok:free", "c:ok:free"},
			change: []func(*batchv1.Job){func(j *batchv1.Job) {
				j.Status.UncountedTerminatedPods.Succeeded = []types.UID{"a", "b", "c"}
				j.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobSuccessCriteriaMet, Status: "True", Reason: "CompletionsReached"}}
			}}, status: "3/0 []/[]", ends: "SuccessCriteriaMet:CompletionsReached Complete:CompletionsReached"},
		{name: "too many failures: what runs is killed, and failed", pods: []string{"a:no", "b:run"}, change: []func(*batchv1.Job){func(j *batchv1.Job) { j.Spec.BackoffLimit = ptr(int32(0)) }},
			kill: "b", release: "a b", status: "0/0 []/[a b]", ends: "FailureTarget:BackoffLimitExceeded"},
		{name: "suspended: what runs is let go and not counted", pods: []string{"a:run", "b:run"}, change: []func(*batchv1.Job){func(j *batchv1.Job) { j.Spec.Suspend = ptr(true) }},
			remove: "a b", status: "0/0 []/[]", ends: "Suspended:JobSuspended"},
		{name: "a pod that is being deleted has failed", pods: []string{"a:run:del:20s", "b:run"}, create: "[-1]", release: "a", status: "0/0 []/[a]"},
		{name: "unless it is replaced only when it has ended", pods: []string{"a:run:del", "b:run"}, change: []func(*batchv1.Job){func(j *batchv1.Job) { j.Spec.PodReplacementPolicy = ptr(batchv1.Failed) }}, status: "0/0 []/[]"},
		{name: "indexes that nobody works at", change: []func(*batchv1.Job){indexed}, pods: []string{"a:ok:i0", "b:run:i2"}, create: "[1]", release: "a", status: "1/0 []/[]"},
		{name: "an index that has two", change: []func(*batchv1.Job){indexed}, pods: []string{"a:run:i0", "b:run:i0"}, remove: "a", status: "0/0 []/[]"},
		{name: "an index that failed once waits, and its pod is held", change: []func(*batchv1.Job){perIndex(1)}, pods: []string{"a:no:i0:f0:4s", "b:run:i1"}, create: "[2]", status: "0/0 []/[]", after: 6 * time.Second},
		{name: "an index that failed too often", change: []func(*batchv1.Job){perIndex(1)}, pods: []string{"a:no:i0:f1", "b:run:i1"}, create: "[2]", release: "a", status: "0/0 []/[a]"},
		{name: "the policy ignores it", pods: []string{"a:no", "b:run"}, change: []func(*batchv1.Job){func(j *batchv1.Job) {
			j.Spec.PodFailurePolicy = &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{{Action: batchv1.PodFailurePolicyActionIgnore,
				OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: []int32{3}}}}}
		}}, create: "[-1]", release: "a", status: "0/0 []/[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j"}}
			job.Spec = batchv1.JobSpec{Completions: ptr(int32(3)), Parallelism: ptr(int32(2)), BackoffLimit: ptr(int32(6))}
			job.Status.UncountedTerminatedPods = &batchv1.UncountedTerminatedPods{}
			for _, change := range c.change {
				change(job)
			}
			p := makePlan(job, podsOf(c.pods...), c.streak, now)
			create := ""
			if len(p.create) > 0 {
				var list []int
				for _, n := range p.create {
					list = append(list, n.index)
				}
				create = fmt.Sprint(list)
			}
			u := p.status.UncountedTerminatedPods
			status := fmt.Sprintf("%d/%d %v/%v", p.status.Succeeded, p.status.Failed, u.Succeeded, u.Failed)
			var ends []string
			for _, cond := range p.status.Conditions {
				ends = append(ends, string(cond.Type)+":"+cond.Reason)
			}
			got := fmt.Sprintf("create %s remove %s kill %s release %s status %s ends %s after %v", create, names(p.remove), names(p.kill), names(p.release), status, strings.Join(ends, " "), p.after)
			want := fmt.Sprintf("create %s remove %s kill %s release %s status %s ends %s after %v", c.create, c.remove, c.kill, c.release, c.status, c.ends, c.after)
			if got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

func TestIntervals(t *testing.T) {
	in := parseIntervals("0,2-4,7", 10)
	if got := in.with(1, 1).with(9, 9).with(8, 8).String(); got != "0-4,7-9" {
		t.Error(got)
	}
	if in.total() != 5 || !in.has(3) || in.has(5) || in.common(parseIntervals("3-8", 10)) != 3 {
		t.Errorf("%v", in)
	}
	if got := parseIntervals("1-20,x,30", 5).String(); got != "1-4" {
		t.Error(got)
	}
	if got := parseIntervals("", 5); len(got) != 0 {
		t.Error(got)
	}
}
