package rules

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// stageLine is a line of the list in server/pipeline.go: //	1 authn      who is asking
var stageLine = regexp.MustCompile(`(?m)^//\t(\d) (\w+)`)

// folders of the stages that are not below server.
var elsewhere = map[string]string{"validate": "kinds", "store": "store", "watch": "store/cache"}

// TestStagesAreNumbered holds the list that a newcomer reads first against the folders: each stage has one,
// and its package doc says "is stage N".
func TestStagesAreNumbered(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "server", "pipeline.go"))
	if err != nil {
		t.Fatal(err)
	}
	lines := stageLine.FindAllStringSubmatch(string(text), -1)
	if len(lines) != 10 {
		t.Fatalf("server/pipeline.go lists %d stages; there are ten, 0 to 9", len(lines))
	}
	for _, m := range lines {
		number, name := m[1], m[2]
		dir, ok := elsewhere[name]
		if !ok {
			dir = filepath.Join("server", name)
		}
		if doc := packageDoc(t, dir); !strings.Contains(doc, "stage "+number) {
			t.Errorf("the package doc of %s does not say that it is stage %s", dir, number)
		}
	}
}

func packageDoc(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no Go files: %v", dir, err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if f.Doc != nil && strings.HasPrefix(f.Doc.Text(), "Package ") {
			return f.Doc.Text()
		}
	}
	return ""
}
