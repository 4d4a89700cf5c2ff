package lifecycle

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nave-k8s/nave/test/up"
)

// TestRestart stops a server and starts it again: objects, keys and tokens are what they were, and who watched
// goes on watching where it was.
func TestRestart(t *testing.T) {
	t.Parallel()
	server := up.Start(t)
	for i := range 20 {
		body := fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"config-%02d"},"data":{"k":"%d"}}`, i, i)
		create(t, server, "/api/v1/namespaces/default/configmaps", body)
	}
	create(t, server, "/api/v1/namespaces/default/services", `{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}`)
	paths := []string{"/api/v1/namespaces/default/configmaps", "/api/v1/services", "/api/v1/namespaces",
		"/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/scheduling.k8s.io/v1/priorityclasses"}
	before := map[string]list{}
	for _, path := range paths {
		before[path] = read(t, server, path)
	}
	credentials := files(t, server.DataDir)
	server.Stop(t)

	_, port, _ := net.SplitHostPort(strings.TrimPrefix(server.URL, "https://"))
	again := up.StartIn(t, server.DataDir, "--secure-port", port)
	for _, path := range paths {
		now := read(t, again, path).text() // controllers may have made more meanwhile
		for _, item := range before[path].Items {
			if !strings.Contains(now, string(item)) {
				t.Errorf("%s held\n%s\nand holds\n%s", path, item, now)
			}
		}
	}
	if now := files(t, again.DataDir); now != credentials {
		t.Errorf("keys and tokens were\n%s\nand are\n%s", credentials, now)
	}

	create(t, again, "/api/v1/namespaces/default/configmaps", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"late"}}`)
	since := before["/api/v1/namespaces/default/configmaps"].Metadata.ResourceVersion
	watch := do(t, again, http.MethodGet, "/api/v1/namespaces/default/configmaps?watch=1&resourceVersion="+since, "", nil)
	defer watch.Body.Close() //nolint:errcheck // the test is over
	var names []string
	for events := json.NewDecoder(watch.Body); !slices.Contains(names, "late"); {
		var event struct {
			Type   string
			Object struct{ Metadata struct{ Name string } }
		}
		if err := events.Decode(&event); err != nil {
			t.Fatal(err)
		}
		if names = append(names, event.Object.Metadata.Name); event.Type != "ADDED" || strings.HasPrefix(names[0], "config-") {
			t.Fatalf("a watch from before goes on with %v", event)
		}
	}
}

// A list is what there was and is.
type list struct {
	Metadata struct{ ResourceVersion string }
	Items    []json.RawMessage
}

func (l list) text() string {
	var lines []string
	for _, item := range l.Items {
		lines = append(lines, string(item))
	}
	return strings.Join(lines, "\n")
}

func read(t *testing.T, server *up.Server, path string) (l list) {
	t.Helper()
	answer := do(t, server, http.MethodGet, path, "", nil)
	defer answer.Body.Close() //nolint:errcheck // it is read
	if err := json.NewDecoder(answer.Body).Decode(&l); err != nil || len(l.Items) == 0 {
		t.Fatalf("%s: %d items, %v", path, len(l.Items), err)
	}
	return l
}

func create(t *testing.T, server *up.Server, path, body string) {
	t.Helper()
	answer := do(t, server, http.MethodPost, path, "application/json", strings.NewReader(body))
	defer answer.Body.Close() //nolint:errcheck // it is read
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusCreated {
		t.Fatalf("create: %d %s", answer.StatusCode, text)
	}
}

// TestFiles looks at who may read what a server writes: its user, and the CA certificate everybody.
func TestFiles(t *testing.T) {
	t.Parallel()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	server := up.Start(t, "--write-kubeconfig", kubeconfig)
	count := 0
	err := filepath.WalkDir(server.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(server.DataDir, path)
		want := fs.FileMode(0o600)
		switch {
		case d.IsDir():
			want = fs.ModeDir | 0o700
		case strings.HasSuffix(name, ".crt"): // certificates are public
			want = 0o644
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, not %v", name, info.Mode(), want)
		}
		count++
		return nil
	})
	if err != nil || count < 10 {
		t.Errorf("%d files, %v", count, err)
	}
	info, err := os.Stat(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the kubeconfig that --write-kubeconfig writes has mode %v", info.Mode())
	}
}

// TestScreen holds what a user sees, and that it works as it is told: without KUBECONFIG, too, where the data
// is in the default folder.
func TestScreen(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	server := up.StartIn(t, filepath.Join(state, "nave"))
	screen := server.Stdout()
	for _, want := range []string{
		"Nave serves Kubernetes 1.37 at " + server.URL + "  (ready after ",
		"\n  export KUBECONFIG=" + server.Kubeconfig() + "\n",
		"\n  kubectl get namespaces\n",
		"\nData is in " + server.DataDir + ". ",
	} {
		if !strings.Contains(screen, want) {
			t.Errorf("the screen lacks %q:\n%s", want, screen)
		}
	}
	c := exec.Command(up.Binary(t), "kubectl", "get", "namespace", "default", "-o", "name")
	c.Env = []string{"XDG_STATE_HOME=" + state, "HOME=" + state}
	if out, err := c.CombinedOutput(); err != nil || string(out) != "namespace/default\n" {
		t.Errorf("kubectl says %q %v", out, err)
	}
}
