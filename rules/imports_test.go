package rules

import (
	"bytes"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/nave-k8s/nave"

// dependencies lists the packages that a pattern needs, tests aside.
func dependencies(t *testing.T, pattern string) []string {
	t.Helper()
	c := exec.Command("go", "list", "-deps", pattern)
	c.Dir = root
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	return strings.Fields(string(out))
}

// never are imports that no package may have, with what may be imported of them all the same. What that
// brings along itself is its own affair.
var never = []struct {
	prefix string
	but    []string
	why    string
}{
	{"k8s.io/kubernetes", nil, "Nave is not made of Kubernetes' code: write what is needed, or find a library"},
	// The two interfaces beside pkg/cel are what its authorizer library takes.
	{"k8s.io/apiserver", []string{"k8s.io/apiserver/pkg/cel", "k8s.io/apiserver/pkg/authentication/user", "k8s.io/apiserver/pkg/authorization/authorizer"}, "the API server is what Nave is: only its CEL functions are a library"},
	{"k8s.io/kube-aggregator", []string{"k8s.io/kube-aggregator/pkg/apis"}, "only the API types are used"},
	{"k8s.io/apiextensions-apiserver", []string{"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1", "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1", "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"}, "only the API types are used"},
}

func TestForbiddenImports(t *testing.T) {
	for pkg, deps := range imports(t) {
		for _, dep := range deps {
			for _, n := range never {
				if within(dep, n.prefix) && !slices.ContainsFunc(n.but, func(b string) bool { return within(dep, b) }) {
					t.Errorf("%s imports %s: %s", pkg, dep, n.why)
				}
			}
		}
	}
	for _, dep := range dependencies(t, "./...") {
		if within(dep, "k8s.io/kubernetes") {
			t.Errorf("%s is needed by some library: do without that library", dep)
		}
	}
}

func within(pkg, prefix string) bool { return pkg == prefix || strings.HasPrefix(pkg, prefix+"/") }

// imports lists what each package of the module imports itself, tests aside.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	c := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	c.Dir = root
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		all[fields[0]] = fields[1:]
	}
	return all
}

// TestStagesDoNotMeet: a stage of the request's way imports leaf packages, and stages that it calls by
// itself (4 calls 5, 7, 8 and 9); none knows who comes before or after it. server puts them together.
func TestStagesDoNotMeet(t *testing.T) {
	stages := []string{"serve", "authn", "flow", "authz", "resource", "admit", "respond"}
	may := map[string][]string{ // beside themselves
		"serve":    {"respond"},
		"authn":    {"respond"},
		"flow":     {"respond"},
		"authz":    {"respond"},
		"resource": {"admit", "respond"},
	}
	for pkg, deps := range imports(t) {
		stage := stageOf(pkg)
		if !slices.Contains(stages, stage) {
			continue
		}
		for _, dep := range deps {
			other := stageOf(dep)
			if other != stage && slices.Contains(stages, other) && !slices.Contains(may[stage], other) {
				t.Errorf("%s imports %s: stages do not know each other; name what is needed as an interface and let server bridge it", pkg, dep)
			}
		}
	}
}

func stageOf(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, module+"/server/")
	if !ok {
		return ""
	}
	stage, _, _ := strings.Cut(rest, "/")
	return stage
}

// TestLeaves: what everything imports imports nothing of the house.
func TestLeaves(t *testing.T) {
	all := imports(t)
	for _, leaf := range []string{"server/request", "store", "kinds"} {
		for _, dep := range all[path.Join(module, leaf)] {
			if within(dep, module) {
				t.Errorf("%s imports %s: it is a leaf, so that everything can import it", leaf, dep)
			}
		}
	}
}

// TestKindsArePure: a kind is a value; it knows neither server nor store.
func TestKindsArePure(t *testing.T) {
	for pkg, deps := range imports(t) {
		if !within(pkg, module+"/kinds") {
			continue
		}
		for _, dep := range deps {
			if within(dep, module+"/server") || within(dep, module+"/store") {
				t.Errorf("%s imports %s: what a rule needs from outside comes in kinds.Input", pkg, dep)
			}
		}
	}
}

// TestWings: controllers, scheduler and node agent see the API through a client alone, and only the front
// door and navetest put wings together.
func TestWings(t *testing.T) {
	for pkg, deps := range imports(t) {
		for _, wing := range []string{"control", "node"} {
			if !within(pkg, module+"/"+wing) {
				continue
			}
			for _, dep := range deps {
				for _, other := range []string{"server", "store", "kinds", "control", "node"} {
					if other != wing && within(dep, module+"/"+other) {
						t.Errorf("%s imports %s: it sees the API through a client only", pkg, dep)
					}
				}
			}
		}
	}
}
