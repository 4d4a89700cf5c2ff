package scripts

import (
	"flag"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nave-k8s/nave/test/up"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

// TestKubectl tells the stories with nave kubectl, and to an API server alone: nobody but the story changes
// anything.
func TestKubectl(t *testing.T) {
	run(t, "testdata/kubectl", stage{nave: up.Binary(t), flags: []string{"--without", "controllers,scheduler,cloud,nodes"}})
}

// TestAny tells those that any kubectl and curl must pass, to all that nave up starts: with nave kubectl, and
// with the kubectl of the machine, whichever release it is of.
func TestAny(t *testing.T) {
	t.Run("nave", func(t *testing.T) { run(t, "testdata/any", stage{nave: up.Binary(t)}) })
	t.Run("machine", func(t *testing.T) {
		for _, program := range []string{"kubectl", "curl"} {
			if _, err := exec.LookPath(program); err != nil {
				t.Fatalf("%v; install what the tests need: bash test/setup", err)
			}
		}
		run(t, "testdata/any", stage{nave: up.Binary(t), machine: true})
	})
}

func run(t *testing.T, dir string, s stage) {
	t.Parallel()
	if files, err := filepath.Glob(filepath.Join(dir, "*.txtar")); err != nil || len(files) == 0 {
		t.Fatalf("there are no scripts in %s: %v", dir, err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                dir,
		Setup:              s.setup,
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"kubectl": program("kubectl"), "nave": program("nave"), "curl": program("curl"), "sh": program("sh"),
			"follow": follow, "until": until, "retry": retry,
		},
	})
}
