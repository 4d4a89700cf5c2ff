package kinds

import (
	"reflect"

	"k8s.io/apimachinery/pkg/api/equality"
)

// Equal reports whether two values mean the same: empty is nil, and quantities are equal as numbers. It is
// equality.Semantic for the way of every update, where most of what is compared is simply equal: to see
// that by plain reflection first costs a fraction.
func Equal(a, b any) bool { return reflect.DeepEqual(a, b) || equality.Semantic.DeepEqual(a, b) }
