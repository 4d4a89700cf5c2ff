package cells

import "cmp"

// What cells show for nothing, and for what is not known.
const (
	None    = "<none>"
	Unknown = "<unknown>"
	Unset   = "<unset>"
)

// Or is text, or instead where there is none.
func Or(text, instead string) string { return cmp.Or(text, instead) }
