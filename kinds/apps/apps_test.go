package apps

import (
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

// read makes an object of a resource from YAML, defaulted.
func read(t *testing.T, r *kinds.Resource, text string) kinds.Object {
	t.Helper()
	obj := r.New().(kinds.Object)
	if err := yaml.UnmarshalStrict([]byte(text), obj); err != nil {
		t.Fatal(err)
	}
	if r.Rules.Default != nil {
		r.Rules.Default(obj)
	}
	return obj
}

func texts(errs field.ErrorList) []string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return out
}

func expect(t *testing.T, got field.ErrorList, want []string) {
	t.Helper()
	if !slices.Equal(texts(got), want) {
		t.Errorf("got  %q\nwant %q", texts(got), want)
	}
}

const template = `, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}`

func TestValidate(t *testing.T) {
	tests := []struct {
		name     string
		resource *kinds.Resource
		object   string
		want     []string
	}{
		{"deployment", deployment(), `spec: {selector: {matchLabels: {app: a}}` + template + `}`, nil},
		{"deployment without a selector", deployment(), `spec: {replicas: 1` + template + `}`, []string{
			"spec.selector: Required value",
			"spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`",
		}},
		{"empty selector", deployment(), `spec: {selector: {}` + template + `}`, []string{
			"spec.selector: Invalid value: {}: empty selector is invalid for deployment",
		}},
		{"unusable selector", deployment(), `spec: {selector: {matchExpressions: [{key: app, operator: Near}]}` + template + `}`, []string{
			`spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator`,
			`spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Near"}]}: invalid label selector`,
		}},
		{"unknown strategy", deployment(), `spec: {strategy: {type: Sideways}, selector: {matchLabels: {app: a}}` + template + `}`, []string{
			`spec.strategy: Unsupported value: {"Type":"Sideways","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"`,
		}},
		{"rolling nothing", deployment(), `spec: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}, selector: {matchLabels: {app: a}}` + template + `}`, []string{
			"spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0",
		}},
		{"deadline before ready", deployment(), `spec: {minReadySeconds: 5, progressDeadlineSeconds: 5, selector: {matchLabels: {app: a}}` + template + `}`, []string{
			"spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds",
		}},
		{"a rollback to before the first", deployment(), `{metadata: {annotations: {deprecated.deployment.rollback.to: "-1"}}, spec: {selector: {matchLabels: {app: a}}` + template + `}}`, []string{
			"spec.rollback.version: Invalid value: -1: must be greater than or equal to 0",
		}},
		{"daemon set surges and is unavailable", daemonSet(), `spec: {updateStrategy: {rollingUpdate: {maxSurge: 1}}, selector: {matchLabels: {app: a}}` + template + `}`, []string{
			"spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
		}},
		{"daemon set without a selector", daemonSet(), `spec: {minReadySeconds: 0` + template + `}`, []string{
			"spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`",
		}},
		{"daemon set with a bad generation", daemonSet(), `{metadata: {annotations: {deprecated.daemonset.template.generation: x}}, spec: {selector: {matchLabels: {app: a}}` + template + `}}`, []string{
			`metadata.annotations[deprecated.daemonset.template.generation]: Invalid value: "x": strconv.ParseInt: parsing "x": invalid syntax`,
		}},
		{"replica set for a deployment", replicaSet(), `spec: {selector: {}` + template + `}`, []string{
			"spec.selector: Invalid value: {}: empty selector is invalid for deployment",
		}},
		{"stateful set", statefulSet(), `spec: {podManagementPolicy: Odd, updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}, serviceName: Bad_, selector: {matchLabels: {app: a}}` + template + `}`, []string{
			`spec.podManagementPolicy: Invalid value: "Odd": must be 'OrderedReady' or 'Parallel'`,
			`spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
			`spec.serviceName: Invalid value: "Bad_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
		}},
		{"revision", controllerRevision(), `revision: -1`, []string{
			"revision: Invalid value: -1: must be greater than or equal to 0",
			"data: Required value: data is mandatory",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, tt.resource.Rules.Validate(kinds.Input{}, read(t, tt.resource, tt.object)), tt.want)
		})
	}
}

func TestValidateUpdate(t *testing.T) {
	const of, other = `spec: {selector: {matchLabels: {app: a}}` + template + `}`, `spec: {selector: {matchLabels: {app: b}}` + template + `}`
	const immutable = `spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable`
	const mismatch = "spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`"
	tests := []struct {
		name     string
		resource *kinds.Resource
		now, old string
		want     []string
	}{
		{"deployment", deployment(), other, of, []string{mismatch, immutable}},
		{"replica set", replicaSet(), other, of, []string{mismatch, immutable}},
		{"stateful set", statefulSet(), other, of, []string{mismatch, immutable}},
		{"daemon set says it the other way round", daemonSet(), other, of, []string{immutable, mismatch}},
		{"what a stateful set may change", statefulSet(), `spec: {replicas: 3, ordinals: {start: 1}, revisionHistoryLimit: 2, selector: {matchLabels: {app: a}}` + template + `}`, of, nil},
		{"what it may not", statefulSet(), `spec: {serviceName: s, podManagementPolicy: Parallel, selector: {matchLabels: {app: a}}` + template + `}`, of, []string{
			`spec.serviceName: Invalid value: "s": field is immutable`,
			`spec.podManagementPolicy: Invalid value: "Parallel": field is immutable`,
		}},
		{"a bad service name that was there before", statefulSet(), `spec: {serviceName: Bad_, selector: {matchLabels: {app: a}}` + template + `}`,
			`spec: {serviceName: Bad_, selector: {matchLabels: {app: a}}` + template + `}`, nil},
		{"data of a revision", controllerRevision(), `data: {a: 2}`, `data: {a: 1}`, []string{`data: Invalid value: {"a":2}: field is immutable`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.resource
			expect(t, r.Rules.ValidateUpdate(kinds.Input{}, read(t, r, tt.now), read(t, r, tt.old)), tt.want)
		})
	}
}

func TestGeneration(t *testing.T) {
	tests := []struct {
		name     string
		resource *kinds.Resource
		now      string
		want     int64
	}{
		{"a label", deployment(), `{metadata: {labels: {x: y}}, spec: {selector: {matchLabels: {app: a}}` + template + `}}`, 1},
		{"an annotation of a deployment", deployment(), `{metadata: {annotations: {x: y}}, spec: {selector: {matchLabels: {app: a}}` + template + `}}`, 2},
		{"an annotation of a replica set", replicaSet(), `{metadata: {annotations: {x: y}}, spec: {selector: {matchLabels: {app: a}}` + template + `}}`, 1},
		{"replicas", statefulSet(), `{spec: {replicas: 2, selector: {matchLabels: {app: a}}` + template + `}}`, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.resource
			old, now := read(t, r, `spec: {selector: {matchLabels: {app: a}}`+template+`}`), read(t, r, tt.now)
			r.Rules.PrepareCreate(kinds.Input{}, old)
			r.Rules.PrepareUpdate(kinds.Input{}, now, old)
			if now.GetGeneration() != tt.want {
				t.Errorf("generation %d, want %d", now.GetGeneration(), tt.want)
			}
		})
	}
}

func TestTemplateGeneration(t *testing.T) {
	r := daemonSet()
	const key = appsv1.DeprecatedTemplateGeneration
	first := read(t, r, `spec: {selector: {matchLabels: {app: a}}`+template+`}`)
	if got := first.GetAnnotations()[key]; got != "0" {
		t.Errorf("after decoding: %q, want 0", got)
	}
	r.Rules.PrepareCreate(kinds.Input{}, first)
	steps := []struct {
		name, object, want string
	}{
		{"nothing said", `spec: {selector: {matchLabels: {app: a}}` + template + `}`, "1"},
		{"a number of the client's", `{metadata: {annotations: {` + key + `: "9"}}, spec: {selector: {matchLabels: {app: a}}` + template + `}}`, "1"},
		{"the spec", `spec: {minReadySeconds: 3, selector: {matchLabels: {app: a}}` + template + `}`, "1"},
		{"the template", `spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a, b: c}}}}`, "2"},
	}
	for _, s := range steps {
		now := read(t, r, s.object)
		r.Rules.PrepareUpdate(kinds.Input{}, now, first)
		if got := now.GetAnnotations()[key]; got != s.want {
			t.Errorf("%s: %q, want %q", s.name, got, s.want)
		}
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		name     string
		resource *kinds.Resource
		now, old string
		want     []string
	}{
		{"deployment", deployment(), `status: {replicas: 1, updatedReplicas: 4, readyReplicas: 2, availableReplicas: 3, unavailableReplicas: -1}`, `{}`, []string{
			"status.unavailableReplicas: Invalid value: -1: must be greater than or equal to 0",
			"status.updatedReplicas: Invalid value: 4: cannot be greater than status.replicas",
			"status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
			"status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas",
			"status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas",
		}},
		{"a count goes back", deployment(), `status: {collisionCount: 1}`, `status: {collisionCount: 2}`, []string{"status.collisionCount: Invalid value: 1: cannot be decremented"}},
		{"a count goes away", daemonSet(), `status: {}`, `status: {collisionCount: 2}`, []string{"status.collisionCount: Invalid value: 0: cannot be decremented"}},
		{"stateful set", statefulSet(), `status: {replicas: 2, readyReplicas: 1, availableReplicas: 2}`, `{}`, []string{
			"status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas",
		}},
		{"replica set", replicaSet(), `status: {replicas: 2, fullyLabeledReplicas: 3, readyReplicas: 2, availableReplicas: 2}`, `{}`, []string{
			"status.fullyLabeledReplicas: Invalid value: 3: cannot be greater than status.replicas",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			part := tt.resource.Subresource("status").Part
			expect(t, part.ValidateUpdate(kinds.Input{}, read(t, tt.resource, tt.now), read(t, tt.resource, tt.old)), tt.want)
		})
	}
}

func TestCells(t *testing.T) {
	now := time.Unix(100, 0)
	tests := []struct {
		resource *kinds.Resource
		object   string
		want     []any
	}{
		{deployment(), `{metadata: {name: a, creationTimestamp: "1970-01-01T00:01:30Z"}, spec: {replicas: 3, selector: {matchLabels: {app: a}}` + template + `}, status: {readyReplicas: 2, updatedReplicas: 2, availableReplicas: 1}}`,
			[]any{"a", "2/3", int64(2), int64(1), "10s", "c", "i", "app=a"}},
		{daemonSet(), `{metadata: {name: a}, spec: {` + template[2:] + `}}`,
			[]any{"a", int64(0), int64(0), int64(0), int64(0), int64(0), "<none>", "<unknown>", "c", "i", "<none>"}},
		{controllerRevision(), `{metadata: {name: a, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: d, controller: true}]}, revision: 2}`,
			[]any{"a", "daemonset.apps/d", int64(2), "<unknown>"}},
	}
	for _, tt := range tests {
		t.Run(tt.resource.Kind, func(t *testing.T) {
			got := tt.resource.Table.Cells(read(t, tt.resource, tt.object), now)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if len(got) != len(tt.resource.Table.Columns) {
				t.Errorf("%d cells for %d columns", len(got), len(tt.resource.Table.Columns))
			}
		})
	}
}

func TestScale(t *testing.T) {
	r := deployment()
	d := read(t, r, `{metadata: {name: a}, spec: {selector: {matchLabels: {app: a}, matchExpressions: [{key: tier, operator: In, values: [b, a]}]}}, status: {replicas: 2}}`)
	scale := r.Subresource("scale").Scale
	got := scale.Get(d)
	if got.Name != "a" || got.Spec.Replicas != 1 || got.Status.Replicas != 2 || got.Status.Selector != "app=a,tier in (a,b)" {
		t.Errorf("got %+v", got)
	}
	got.Spec.Replicas = 7
	scale.Set(d, got)
	if n := *d.(*appsv1.Deployment).Spec.Replicas; n != 7 {
		t.Errorf("replicas %d after writing 7", n)
	}
	got.Spec.Replicas = -1
	expect(t, scale.Validate(got), []string{"spec.replicas: Invalid value: -1: must be greater than or equal to 0"})
}
