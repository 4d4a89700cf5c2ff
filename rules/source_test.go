package rules

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root of the checkout.
const root = ".."

// maxLines is the length at which a file is refused. A typical one has 100 to 200; at 400 ask whether it is
// two.
const maxLines = 800

// source is a Go file that people write.
type source struct {
	path string // from the root
	text []byte
}

// sources returns every Go file that is not generated and no test data.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || name == "node_modules" || name != ".." && strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if generated(text) {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		out = append(out, source{rel, text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 100 {
		t.Fatalf("only %d files found: the test looks in the wrong place", len(out))
	}
	return out
}

func generated(text []byte) bool {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "// Code generated") && strings.HasSuffix(line, "DO NOT EDIT.") {
			return true
		}
		if strings.HasPrefix(line, "package ") {
			return false
		}
	}
	return false
}

func TestFilesAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if n := bytes.Count(s.text, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines, more than %d: split it by noun or verb", s.path, n, maxLines)
		}
	}
}

func TestFolderNames(t *testing.T) {
	for _, s := range sources(t) {
		for _, dir := range strings.Split(filepath.Dir(s.path), string(filepath.Separator)) {
			if slices.Contains([]string{"util", "utils", "common", "helpers", "helper", "misc", "pkg"}, dir) {
				t.Errorf("%s: a folder named %s says nothing: name it for what it holds", s.path, dir)
			}
		}
	}
}

func TestPackageDocs(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		dir := filepath.Dir(s.path)
		if _, ok := documented[dir]; !ok {
			documented[dir] = strings.HasSuffix(s.path, "_test.go") && onlyTests(t, dir)
		}
		f, err := parser.ParseFile(token.NewFileSet(), s.path, s.text, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if f.Doc != nil && (strings.HasPrefix(f.Doc.Text(), "Package ") || strings.HasPrefix(f.Doc.Text(), "Command ")) {
			documented[dir] = true
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package doc: say what the package is for, who may call it and what it guarantees", dir)
		}
	}
}

func onlyTests(t *testing.T, dir string) bool {
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(files, func(f string) bool { return !strings.HasSuffix(f, "_test.go") })
}

// TestNoInit: what a package does when it is loaded nobody can see, order or leave out.
func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		f, err := parser.ParseFile(token.NewFileSet(), s.path, s.text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function: return a value from a function that the assembly calls", s.path)
			}
		}
	}
}

// TestNothingSkipped: a test that needs what a machine lacks fails and says what to install.
func TestNothingSkipped(t *testing.T) {
	for _, s := range sources(t) {
		if !strings.HasSuffix(s.path, "_test.go") || strings.HasPrefix(s.path, "rules") {
			continue
		}
		for _, call := range []string{"t.Skip(", "t.Skipf(", "t.SkipNow(", "b.Skip("} {
			if bytes.Contains(s.text, []byte(call)) {
				t.Errorf("%s calls %s...): make the test fail, naming what is missing", s.path, call)
			}
		}
	}
}
