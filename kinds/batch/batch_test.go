package batch

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

// read makes an object of a resource from YAML, defaulted.
func read(t *testing.T, r *kinds.Resource, text string) kinds.Object {
	t.Helper()
	obj := r.New().(kinds.Object)
	if err := yaml.UnmarshalStrict([]byte(text), obj); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	r.Rules.Default(obj)
	return obj
}

// newJob is a job as a create makes it ready. fields are those of its spec besides the template.
func newJob(t *testing.T, fields string) *batchv1.Job {
	t.Helper()
	j := read(t, job(), `{metadata: {name: a, uid: u}, spec: {`+fields+`template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}`)
	job().Rules.PrepareCreate(kinds.Input{}, j)
	return j.(*batchv1.Job)
}

func expect(t *testing.T, got field.ErrorList, want []string) {
	t.Helper()
	var texts []string
	for _, e := range got {
		texts = append(texts, e.Error())
	}
	if !slices.Equal(texts, want) {
		t.Errorf("got  %q\nwant %q", texts, want)
	}
}

func TestJobLabels(t *testing.T) {
	generated := map[string]string{"batch.kubernetes.io/controller-uid": "u", "batch.kubernetes.io/job-name": "a", "controller-uid": "u", "job-name": "a"}
	j := newJob(t, "")
	if !maps.Equal(j.Spec.Template.Labels, generated) || !maps.Equal(j.Labels, generated) {
		t.Errorf("template %v, job %v", j.Spec.Template.Labels, j.Labels)
	}
	if want := map[string]string{"batch.kubernetes.io/controller-uid": "u"}; !maps.Equal(j.Spec.Selector.MatchLabels, want) {
		t.Errorf("selector %v", j.Spec.Selector)
	}
	j = newJob(t, "manualSelector: true, selector: {matchLabels: {a: b}}, ")
	if len(j.Spec.Template.Labels) != 0 || len(j.Labels) != 0 {
		t.Errorf("manual: template %v, job %v", j.Spec.Template.Labels, j.Labels)
	}
}

func TestJobDefaults(t *testing.T) {
	tests := []struct {
		fields string
		check  func(s *batchv1.JobSpec) bool
	}{
		{"", func(s *batchv1.JobSpec) bool {
			return *s.Completions == 1 && *s.Parallelism == 1 && *s.BackoffLimit == 6 && *s.PodReplacementPolicy == "TerminatingOrFailed"
		}},
		{"parallelism: 3, ", func(s *batchv1.JobSpec) bool { return s.Completions == nil && *s.Parallelism == 3 }},
		{"backoffLimitPerIndex: 1, ", func(s *batchv1.JobSpec) bool { return *s.BackoffLimit == 2147483647 }},
		{"podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: X}]}]}, ", func(s *batchv1.JobSpec) bool {
			return *s.PodReplacementPolicy == "Failed" && s.PodFailurePolicy.Rules[0].OnPodConditions[0].Status == "True"
		}},
	}
	for _, tt := range tests {
		if j := newJob(t, tt.fields); !tt.check(&j.Spec) {
			t.Errorf("%q: %+v", tt.fields, j.Spec)
		}
	}
}

func TestValidateJob(t *testing.T) {
	tests := []struct {
		name, fields string
		want         []string
	}{
		{"plain", "", nil},
		{"indexed", "completionMode: Indexed, completions: 3, backoffLimitPerIndex: 1, maxFailedIndexes: 2, ", nil},
		{"negative numbers", "parallelism: -1, completions: -1, backoffLimit: -1, activeDeadlineSeconds: -1, ttlSecondsAfterFinished: -1, ", []string{
			"spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
			"spec.completions: Invalid value: -1: must be greater than or equal to 0",
			"spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0",
			"spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0",
			"spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0",
		}},
		{"per index without indexes", "backoffLimitPerIndex: 1, ", []string{"spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"}},
		{"indexed without an end", "completionMode: Indexed, parallelism: 2, ", []string{"spec.completions: Required value: when completion mode is Indexed"}},
		{"too many at once", "completionMode: Indexed, completions: 100001, parallelism: 10001, backoffLimitPerIndex: 1, ", []string{
			"spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
			"spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index",
		}},
		{"a selector of another", "selector: {matchLabels: {x: z}}, ", []string{
			"spec.selector: Invalid value: {\"matchLabels\":{\"batch.kubernetes.io/controller-uid\":\"u\",\"x\":\"z\"}}: `selector` not auto-generated",
			"spec.template.metadata.labels: Invalid value: {\"batch.kubernetes.io/controller-uid\":\"u\",\"batch.kubernetes.io/job-name\":\"a\",\"controller-uid\":\"u\",\"job-name\":\"a\"}: `selector` does not match template `labels`",
		}},
		{"exit codes", "podFailurePolicy: {rules: [{action: Nope, onExitCodes: {operator: In, values: [0, 2, 2, 1], containerName: zz}}]}, ", []string{
			`spec.podFailurePolicy.rules[0].action: Unsupported value: "Nope": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
			`spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "zz": must be one of the container or initContainer names in the pod template`,
			`spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator`,
			`spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2`,
			`spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [0,2,2,1]: must be ordered`,
		}},
		{"a rule about nothing", "podFailurePolicy: {rules: [{action: FailJob}]}, ", []string{
			"spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
		}},
		{"success of what has no indexes", `successPolicy: {rules: [{succeededIndexes: "0-1"}]}, `, []string{
			`spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":"0-1","SucceededCount":null}]}: requires indexed completion mode`,
		}},
		{"success", `completionMode: Indexed, completions: 3, successPolicy: {rules: [{}, {succeededIndexes: "2,0", succeededCount: 9}]}, `, []string{
			`spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified`,
			`spec.successPolicy.rules[1].succeededIndexes: Invalid value: "2,0": error parsing succeededIndexes: non-increasing order, previous: 2, current: 0`,
			`spec.successPolicy.rules[1].succeededCount: Invalid value: 9: must be less than or equal to 3 (the number of specified completions)`,
			`spec.successPolicy.rules[1].succeededCount: Invalid value: 9: must be less than or equal to 0 (the number of indexes in the specified succeededIndexes field)`,
		}},
		{"manager", "managedBy: nodomain, ", []string{`spec.managedBy: Invalid value: "nodomain": must be a domain-prefixed path (such as "acme.io/foo")`}},
		{"replacement", "podReplacementPolicy: Other, ", []string{`spec.podReplacementPolicy: Unsupported value: "Other": supported values: "Failed", "TerminatingOrFailed"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, job().Rules.Validate(kinds.Input{}, newJob(t, tt.fields)), tt.want)
		})
	}
}

func TestValidateJobUpdate(t *testing.T) {
	label := func(j *batchv1.Job) { j.Spec.Template.Spec.NodeSelector = map[string]string{"a": "b"} }
	image := func(j *batchv1.Job) { j.Spec.Template.Spec.Containers[0].Image = "j" }
	grow := func(j *batchv1.Job) { n := int32(5); j.Spec.Completions, j.Spec.Parallelism = &n, &n }
	growAlone := func(j *batchv1.Job) { n := int32(5); j.Spec.Completions = &n }
	tests := []struct {
		name, fields string
		active       int32
		change       func(*batchv1.Job)
		want         []string // what each error begins with
	}{
		{"where a running job runs", "", 0, label, []string{"spec.template: Invalid value: "}},
		{"where a suspended job runs", "suspend: true, ", 0, label, nil},
		{"where a suspended job's pods still run", "suspend: true, ", 1, label, []string{"spec.template: Invalid value: "}},
		{"what a suspended job runs", "suspend: true, ", 0, image, []string{"spec.template.spec: Invalid value: {\"Volumes\":null"}},
		{"how much", "", 0, grow, []string{"spec.completions: Invalid value: 5: field is immutable"}},
		{"how much, indexed", "completionMode: Indexed, completions: 2, parallelism: 2, ", 0, grow, nil},
		{"how much, alone", "completionMode: Indexed, completions: 2, parallelism: 2, ", 0, growAlone, []string{
			"spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			old := newJob(t, tt.fields)
			old.Status.Active = tt.active
			now := old.DeepCopy()
			tt.change(now)
			got := job().Rules.ValidateUpdate(kinds.Input{}, now, old)
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %q", got, tt.want)
			}
			for i := range got {
				if !strings.HasPrefix(got[i].Error(), tt.want[i]) {
					t.Errorf("got %v, want %q", got[i], tt.want[i])
				}
			}
		})
	}
}

func TestJobStatus(t *testing.T) {
	const done = `conditions: [{type: SuccessCriteriaMet, status: "True"}, {type: Complete, status: "True"}], startTime: "2026-01-01T00:00:00Z", completionTime: "2026-01-01T00:01:00Z"`
	tests := []struct {
		name, now, old string
		want           []string
	}{
		{"negative", `{active: -1, succeeded: -1, failed: -1}`, `{}`, []string{
			"status.active: Invalid value: -1: must be greater than or equal to 0",
			"status.succeeded: Invalid value: -1: must be greater than or equal to 0",
			"status.failed: Invalid value: -1: must be greater than or equal to 0",
			"status.failed: Invalid value: -1: cannot decrease the failed counter",
			"status.succeeded: Invalid value: -1: cannot decrease the succeeded counter",
		}},
		{"done", `{` + done + `}`, `{}`, nil},
		{"done without a sign of it", `{conditions: [{type: Complete, status: "True"}]}`, `{}`, []string{
			"status.completionTime: Required value: completionTime is required for Complete jobs",
			"status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
			"status.startTime: Required value: startTime is required for finished job",
		}},
		{"done and undone", `{startTime: "2026-01-01T00:00:00Z"}`, `{` + done + `}`, []string{
			"status.conditions: Invalid value: cannot disable the terminal Complete=True condition",
			"status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition",
		}},
		{"old nonsense may stay", `{conditions: [{type: Failed, status: "True"}], active: 1, failed: 2}`, `{conditions: [{type: Failed, status: "True"}], active: 1}`, nil},
		{"failed without a target", `{startTime: "2026-01-01T00:00:00Z", conditions: [{type: Failed, status: "True"}]}`, `{}`, []string{
			"status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition",
		}},
		{"uids", `{uncountedTerminatedPods: {succeeded: [u, u], failed: [u, ""]}}`, `{}`, []string{
			`status.uncountedTerminatedPods.succeeded[1]: Duplicate value: "u"`,
			`status.uncountedTerminatedPods.failed[0]: Duplicate value: "u"`,
			`status.uncountedTerminatedPods.failed[1]: Invalid value: "": must not be empty`,
		}},
		{"another start", `{startTime: "2026-01-02T00:00:00Z"}`, `{startTime: "2026-01-01T00:00:00Z"}`, []string{
			`status.startTime: Invalid value: "2026-01-02T00:00:00Z": field is immutable for unsuspended job once set`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now, old := newJob(t, ""), newJob(t, "")
			if err := yaml.UnmarshalStrict([]byte(tt.now), &now.Status); err != nil {
				t.Fatal(err)
			}
			if err := yaml.UnmarshalStrict([]byte(tt.old), &old.Status); err != nil {
				t.Fatal(err)
			}
			expect(t, job().Subresource("status").Part.ValidateUpdate(kinds.Input{}, now, old), tt.want)
		})
	}
}

func TestIndexes(t *testing.T) {
	tests := []struct {
		text  string
		count int32
		err   string
	}{
		{"", 0, ""},
		{"1,3-5,7", 5, ""},
		{"0-9", 10, ""},
		{"10", 0, `too large index: "10"`},
		{"3-1", 0, "non-increasing order, previous: 3, current: 1"},
		{"1,1", 0, "non-increasing order, previous: 1, current: 1"},
		{"x", 0, `cannot convert string to integer for index: "x"`},
		{"1,", 0, `cannot convert string to integer for index: ""`},
		{"1-2-3", 0, `the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`},
	}
	for _, tt := range tests {
		count, err := countIndexes(tt.text, 10)
		if count != tt.count || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("%q: %d, %v; want %d, %q", tt.text, count, err, tt.count, tt.err)
		}
	}
	if err := overlap("0-2,6", "3,5-7", 10); err == nil || err.Error() != "failedIndexes and completedIndexes overlap at index: 6" {
		t.Errorf("overlap: %v", err)
	}
	if err := overlap("0-2,x,6", "3,5", 10); err != nil {
		t.Errorf("no overlap: %v", err)
	}
}

func FuzzIndexes(f *testing.F) {
	for _, s := range []string{"", "1,3-5,7", "0-", "-1", "1-2-3", ",", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		count, err := countIndexes(text, 1000)
		if err == nil && (count < 0 || count > 1000) {
			t.Errorf("%q names %d of 1000 indexes", text, count)
		}
		if err == nil && text != "" && overlap(text, text, 1000) == nil && count > 0 {
			t.Errorf("%q does not overlap itself", text)
		}
	})
}

func TestValidateCronJob(t *testing.T) {
	const valid = `schedule: "*/5 * * * *", `
	tests := []struct {
		name, object, fields string
		want                 []string
	}{
		{"plain", "a", valid, nil},
		{"descriptor", "a", `schedule: "@every 5m", `, nil},
		{"zone", "a", valid + `timeZone: Europe/Berlin, `, nil},
		{"no schedule is said last", "a", `concurrencyPolicy: Other, `, []string{
			`spec.concurrencyPolicy: Unsupported value: "Other": supported values: "Allow", "Forbid", "Replace"`,
			"spec.schedule: Required value",
		}},
		{"short", "a", `schedule: "* * *", `, []string{`spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]`}},
		{"zone in the schedule", "a", `schedule: "TZ=UTC 0 0 * * *", `, []string{
			`spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead`}},
		{"Local", "a", valid + `timeZone: Local, `, []string{
			`spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones`}},
		{"nowhere", "a", valid + `timeZone: Nowhere/Land, `, []string{`spec.timeZone: Invalid value: "Nowhere/Land": unknown time zone Nowhere/Land`}},
		{"outside", "a", valid + `timeZone: ../etc, `, []string{`spec.timeZone: Invalid value: "../etc": unknown time zone ../etc`}},
		{"a long name", strings.Repeat("a", 53), valid, []string{
			`metadata.name: Invalid value: "` + strings.Repeat("a", 53) + `": must be no more than 52 characters`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, cronJob(), `{metadata: {name: `+tt.object+`}, spec: {`+tt.fields+`jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}}}`)
			expect(t, cronJob().Rules.Validate(kinds.Input{}, c), tt.want)
		})
	}
}

func TestScheduleWithoutSpace(t *testing.T) {
	if err := parseSchedule("TZ=0"); err == nil {
		t.Error("TZ=0 is no schedule")
	}
}

func TestJobCells(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 2, 0, 0, time.UTC)
	start, end := metav1.NewTime(now.Add(-time.Minute)), metav1.NewTime(now)
	j := newJob(t, "completions: 2, ")
	j.Status = batchv1.JobStatus{Succeeded: 1, StartTime: &start}
	want := []any{"a", "Running", "1/2", "60s", "<unknown>", "c", "i", "batch.kubernetes.io/controller-uid=u"}
	if got := jobCells(j, now); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	j.Status.CompletionTime = &end
	j.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobComplete, Status: "True"}}
	if got := jobCells(j, now.Add(time.Hour)); got[1] != "Complete" || got[3] != "60s" {
		t.Errorf("complete: %v", got)
	}
}

func TestDeleteWarns(t *testing.T) {
	policy := metav1.DeletePropagationBackground
	warn := job().Delete.Warn
	if len(warn(nil)) != 1 || len(warn(&metav1.DeleteOptions{})) != 1 || len(warn(&metav1.DeleteOptions{PropagationPolicy: &policy})) != 0 {
		t.Error("a DELETE without a policy warns, one with a policy does not")
	}
}
