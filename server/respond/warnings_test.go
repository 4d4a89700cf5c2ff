package respond

import (
	"slices"
	"strings"
	"testing"
)

func TestToldWarnings(t *testing.T) {
	long := strings.Repeat("é", 300)
	cut := strings.Repeat("é", 256)
	repeat := func(n int, s string) []string { return slices.Repeat([]string{s}, n) }
	for name, tt := range map[string]struct{ warnings, want []string }{
		"few":            {[]string{"a", long}, []string{"a", long}},
		"at the limit":   {repeat(4096, "a"), repeat(4096, "a")},
		"many long ones": {repeat(20, long), repeat(16, cut)},
		"a short one":    {append([]string{"a"}, repeat(20, long)...), append([]string{"a"}, repeat(16, cut)...)},
	} {
		if got := told(tt.warnings); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %d are told, want %d", name, len(got), len(tt.want))
		}
	}
}
