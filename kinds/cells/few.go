package cells

import (
	"fmt"
	"strings"
)

// Few is a list of which a cell shows the first three.
type Few struct {
	shown []string
	n     int
}

// Add appends a text.
func (f *Few) Add(text string) {
	if f.n++; len(f.shown) < 3 {
		f.shown = append(f.shown, text)
	}
}

// String is what the cell shows: "a,b,c + 2 more...".
func (f *Few) String() string {
	text := strings.Join(f.shown, ",")
	if more := f.n - len(f.shown); more > 0 {
		return fmt.Sprintf("%s + %d more...", text, more)
	}
	return text
}
