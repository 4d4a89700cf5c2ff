package resource

import (
	"fmt"
	"strings"
	"testing"
)

func TestCheckAliases(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	tests := []struct{ name, text, want string }{
		{"none", "a: b", ""},
		{"stars and ampersands that are none", "a: 'x && y *'", ""},
		{"a few", "a: &a {b: c}\nd: *a\ne: {<<: *a}\n", ""},
		{"values that multiply", bomb, "excessive aliasing"},
		{"one large text many times", "a: &a " + strings.Repeat("x", 10_000) + "\nb: [" + strings.Repeat("*a,", 1000) + "]", "Request entity too large: limit is 1000000"},
		{"no such anchor", "a: *b # &", "unknown anchor 'b' referenced"},
		{"an anchor that holds itself", "a: &a [*a]", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := checkAliases([]byte(tt.text), 1_000_000)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}
