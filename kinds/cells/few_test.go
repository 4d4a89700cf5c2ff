package cells

import "testing"

func TestFew(t *testing.T) {
	var f Few
	for _, want := range []string{"a", "a,a", "a,a,a", "a,a,a + 1 more...", "a,a,a + 2 more..."} {
		f.Add("a")
		if got := f.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := new(Few).String(); got != "" {
		t.Errorf("nothing is %q", got)
	}
}
