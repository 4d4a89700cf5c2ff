// Package clients runs programs that use Kubernetes' client libraries, as processes, each against a server of
// its own. The programs check what they see and end with an error when something is wrong.
package clients

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nave-k8s/nave/test/up"
)

// timeout is how long a program may take on a busy machine.
const timeout = 2 * time.Minute

func TestGo(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "client")
	if out, err := exec.Command("go", "build", "-o", program, "./go").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	succeeds(t, up.Start(t), program)
}

func TestJavaScript(t *testing.T) {
	t.Parallel()
	needs(t, exec.Command("node", "--version"))
	needs(t, exec.Command("node", "--input-type=module", "-e", "import '@kubernetes/client-node'"))
	succeeds(t, up.Start(t), "node", "js/client.js")
}

// python is Debian's, for which its packages are; there may be another before it in the path.
const python = "/usr/bin/python3"

func TestPython(t *testing.T) {
	t.Parallel()
	needs(t, exec.Command(python, "-c", "import kubernetes"))
	succeeds(t, up.Start(t), python, "python/client.py")
}

// TestPythonExample runs the first program that one writes with the Python client.
func TestPythonExample(t *testing.T) {
	t.Parallel()
	needs(t, exec.Command(python, "-c", "import kubernetes"))
	server := up.Start(t)
	for _, args := range [][]string{
		{"wait", "--for=create", "serviceaccount/default"}, {"run", "web", "--image=nginx"}, {"run", "store", "--image=redis"},
	} {
		run(t, server, up.Binary(t), append([]string{"kubectl"}, args...)...)
	}
	if out, want := run(t, server, python, "python/example.py"), "Pod: store\nPod: web\n"; out != want {
		t.Errorf("it printed %q, not %q", out, want)
	}
}

// needs fails the test when a program or library is missing, and says how to get it.
func needs(t *testing.T, probe *exec.Cmd) {
	t.Helper()
	probe.Dir = "js"
	if out, err := probe.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s\nInstall what the tests need: bash test/setup", strings.Join(probe.Args, " "), err, out)
	}
}

// succeeds runs a program that ends with the word "done".
func succeeds(t *testing.T, server *up.Server, program string, args ...string) {
	t.Helper()
	if out := run(t, server, program, args...); !strings.HasSuffix(out, "done\n") {
		t.Errorf("it did not come to its end:\n%s", out)
	}
}

// run runs a program as the server's administrator and returns what it printed.
func run(t *testing.T, server *up.Server, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	c.Env = append(os.Environ(), "KUBECONFIG="+server.Kubeconfig(), "HOME="+t.TempDir())
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", program, strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}
