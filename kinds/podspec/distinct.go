package podspec

import "k8s.io/apimachinery/pkg/util/validation/field"

// Distinct drops errors that say what an earlier one says, as the API answers each only once. Two rules can
// find the same fault: a resize policy without any name, a key in both lists of an affinity term.
func Distinct(errs field.ErrorList) field.ErrorList {
	if len(errs) < 2 {
		return errs
	}
	seen := make(map[string]bool, len(errs))
	kept := errs[:0]
	for _, err := range errs {
		if text := err.Error(); !seen[text] {
			seen[text] = true
			kept = append(kept, err)
		}
	}
	return kept
}
