package scripts

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A scene is what a script's commands know beside what the script tells them.
type scene struct {
	environment []string
	folder      string
	followed    map[string]*follower
}

type sceneKey struct{}

// A follower is a program that runs beside the script.
type follower struct {
	process *exec.Cmd
	lines   chan string // it prints; closed at the end
}

// followTimeout is how long a line may take that a script waits for.
const followTimeout = 30 * time.Second

// follow NAME PROGRAM ARGUMENTS... starts a program that prints what happens, such as a watch.
func follow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: follow NAME PROGRAM ARGUMENTS...")
	}
	at := ts.Value(sceneKey{}).(*scene)
	program := args[1]
	if file := filepath.Join(at.folder, "bin", program); exists(file) {
		program = file
	}
	f := &follower{process: exec.Command(program, args[2:]...), lines: make(chan string, 1000)}
	f.process.Dir, f.process.Env = ts.MkAbs("."), at.environment
	read, write := io.Pipe()
	f.process.Stdout, f.process.Stderr = write, write
	ts.Check(f.process.Start())
	go func() {
		f.process.Wait() //nolint:errcheck // it is killed
		write.Close()    //nolint:errcheck // as io.PipeWriter says
	}()
	go func() {
		defer close(f.lines)
		for lines := bufio.NewScanner(read); lines.Scan(); {
			f.lines <- lines.Text()
		}
	}()
	at.followed[args[0]] = f
	ts.Defer(func() { f.process.Process.Kill() }) //nolint:errcheck // it may have ended by itself
}

// until NAME LINES waits for so many lines of what is followed, which become the standard output. With "end" in
// the place of the number it waits until the program ends.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until NAME LINES")
	}
	f := ts.Value(sceneKey{}).(*scene).followed[args[0]]
	if f == nil {
		ts.Fatalf("nothing of the name %s is followed", args[0])
	}
	count, err := strconv.Atoi(args[1])
	if args[1] == "end" {
		count, err = -1, nil
	}
	ts.Check(err)
	var text strings.Builder
	for timeout := time.After(followTimeout); count != 0; count-- {
		select {
		case line, more := <-f.lines:
			switch {
			case !more && count > 0:
				ts.Fatalf("%s ended after:\n%s", args[0], text.String())
			case !more:
				count = 1 // the last
				continue
			}
			fmt.Fprintln(&text, line)
		case <-timeout:
			ts.Fatalf("%s printed only this in %s:\n%s", args[0], followTimeout, text.String())
		}
	}
	fmt.Fprint(ts.Stdout(), settle(text.String(), ts.Getenv("SERVER"))) //nolint:errcheck // a buffer takes everything
}
