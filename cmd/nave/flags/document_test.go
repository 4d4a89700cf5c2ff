package flags

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write docs/flags.md anew")

func TestDocument(t *testing.T) {
	const file = "../../../docs/flags.md"
	want := New().Document()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("%s does not say what the flags do (%v): run this test with -update", file, err)
	}
}
