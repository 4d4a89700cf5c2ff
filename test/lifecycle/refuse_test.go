// Package lifecycle tests how nave up starts, stops and starts again.
package lifecycle

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nave-k8s/nave/test/up"
)

// refused runs the program, which must fail, and returns what it says.
func refused(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(up.Binary(t), args...).CombinedOutput()
	if err == nil {
		t.Fatalf("nave %s succeeded:\n%s", strings.Join(args, " "), out)
	}
	return string(out)
}

func TestSecondServerOnAFolderIsRefused(t *testing.T) {
	t.Parallel()
	server := up.Start(t)
	before := files(t, server.DataDir)
	got := refused(t, "up", "--data-dir", server.DataDir, "--secure-port", "0")
	want := "nave: another process uses the data in " + server.DataDir + "; stop it, or choose another folder with --data-dir\n"
	if got != want {
		t.Errorf("it says %q, not %q", got, want)
	}
	if after := files(t, server.DataDir); after != before {
		t.Errorf("the refused server changed files:\n%s\nwere\n%s", after, before)
	}
	answers(t, server)
}

// files are the contents of what clients read in the data folder.
func files(t *testing.T, dir string) (text string) {
	t.Helper()
	for _, name := range []string{"ca.crt", "admin.kubeconfig", "admin.token"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		text += string(content)
	}
	return text
}

func TestTakenPortIsRefused(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // the test is over
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	got := refused(t, "up", "--data-dir", t.TempDir(), "--secure-port", port)
	want := "nave: port " + port + " of 127.0.0.1 is taken, perhaps by another server; choose another with --secure-port\n"
	if got != want {
		t.Errorf("it says %q, not %q", got, want)
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		flags []string
		says  string
	}{
		{[]string{"--without", "kitchen"}, "--without kitchen: there is no such part; the parts are controllers, scheduler, cloud, nodes"},
		{[]string{"--without", "nodes,kitchen"}, "--without kitchen: there is no such part"},
		{[]string{"--service-cluster-ip-range", "10.96.0.0"}, "--service-cluster-ip-range"},
		{[]string{"--service-cluster-ip-range", "10.96.0.0/16,10.97.0.0/16"}, "one of each IP family"},
		{[]string{"--token-auth-file", "/nowhere"}, "open /nowhere: no such file"},
		{[]string{"--authorization-mode", "Maybe"}, `authorization mode "Maybe" is not supported; the modes are`},
		{[]string{"--bind-address", "nowhere.invalid"}, "nowhere.invalid"},
		{[]string{"--etcd-cafile", "/nowhere", "--etcd-servers", "https://127.0.0.1:1"}, "open /nowhere: no such file"},
		{[]string{"--no-such-flag"}, "unknown flag: --no-such-flag"},
		{[]string{"word"}, `unknown command "word"`},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.flags, " "), func(t *testing.T) {
			t.Parallel()
			args := append([]string{"up", "--data-dir", t.TempDir(), "--secure-port", "0"}, test.flags...)
			if got := refused(t, args...); !strings.Contains(got, test.says) {
				t.Errorf("it says %q, without %q", got, test.says)
			}
		})
	}
}

func TestEveryPartMayBeLeftOut(t *testing.T) {
	t.Parallel()
	answers(t, up.Start(t, "--without", "controllers,scheduler", "--without", "cloud,nodes"))
}
