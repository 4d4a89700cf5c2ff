// Package scripts holds scripted tests: each file of testdata is a story of commands, as a user types them, and
// of what they print, told to a server of its own. Run the tests with -update to rewrite what is expected, and
// read the difference before it is committed.
package scripts

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nave-k8s/nave/test/up"
)

// stage is what scripts play on.
type stage struct {
	nave string // the program
	// flags are those of nave up.
	flags []string
	// machine: kubectl is that of the machine, not nave's.
	machine bool
}

// setup starts the server of a script and lets its commands find it.
func (s stage) setup(env *testscript.Env) error {
	dir, err := os.MkdirTemp("", "nave-script")
	if err != nil {
		return err
	}
	t := env.T().(testing.TB)
	env.Defer(func() { os.RemoveAll(dir) }) //nolint:errcheck // it is temporary
	server, err := up.Run(s.nave, filepath.Join(dir, "nave"), s.flags...)
	if err != nil {
		return err
	}
	env.Defer(func() {
		server.Kill()
		if log := server.Stderr(); t.Failed() && log != "" {
			t.Logf("nave up wrote:\n%s", log)
		}
	})
	token, err := server.Token()
	if err != nil {
		return err
	}
	bin, err := s.programs(dir)
	if err != nil {
		return err
	}
	env.Setenv("PATH", bin+string(filepath.ListSeparator)+env.Getenv("PATH"))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_STATE_HOME", dir) // its folder nave is the server's
	env.Setenv("KUBECONFIG", server.Kubeconfig())
	env.Setenv("SERVER", server.URL)
	env.Setenv("TOKEN", token)
	env.Setenv("CA", server.CA())
	env.Setenv("TZ", "UTC")
	env.Setenv("LC_ALL", "C.UTF-8")
	env.Values[sceneKey{}] = &scene{environment: env.Vars, folder: dir, followed: map[string]*follower{}}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// programs makes a folder with the programs that are not the machine's.
func (s stage) programs(dir string) (bin string, err error) {
	bin = filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return "", err
	}
	if err := os.Symlink(s.nave, filepath.Join(bin, "nave")); err != nil {
		return "", err
	}
	if s.machine {
		return bin, nil
	}
	script := fmt.Sprintf("#!/bin/sh\nexec %q kubectl \"$@\"\n", s.nave)
	return bin, os.WriteFile(filepath.Join(bin, "kubectl"), []byte(script), 0o700)
}

// program is a command that runs a program as exec does, with what differs from run to run replaced in its
// output.
func program(name string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		err := ts.Exec(name, args...)
		server := ts.Getenv("SERVER")
		stdout, stderr := settle(ts.ReadFile("stdout"), server), settle(ts.ReadFile("stderr"), server)
		fmt.Fprint(ts.Stdout(), stdout) //nolint:errcheck // a buffer takes everything
		fmt.Fprint(ts.Stderr(), stderr) //nolint:errcheck // a buffer takes everything
		switch {
		case err != nil && !neg:
			ts.Fatalf("%s: %v\n%s", name, err, stderr)
		case err == nil && neg:
			ts.Fatalf("%s succeeded, and should not", name)
		}
	}
}

// retryTimeout is how long something may take that a script waits for.
const retryTimeout = 60 * time.Second

// retry PROGRAM ARGUMENTS... runs a program until it succeeds.
func retry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: retry PROGRAM ARGUMENTS...")
	}
	for end := time.Now().Add(retryTimeout); ; time.Sleep(100 * time.Millisecond) {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s fails still after %s: %v", args[0], retryTimeout, err)
		}
	}
}
