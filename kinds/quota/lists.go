package quota

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// one is the quantity of a single object.
func one() resource.Quantity { return *resource.NewQuantity(1, resource.DecimalSI) }

// Names returns the sorted names of a list.
func Names(list corev1.ResourceList) []corev1.ResourceName {
	out := make([]corev1.ResourceName, 0, len(list))
	for name := range list {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Mask returns the part of the list that has these names.
func Mask(list corev1.ResourceList, names []corev1.ResourceName) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, value := range list {
		if slices.Contains(names, name) {
			out[name] = value
		}
	}
	return out
}

// Add returns the sum; what is in one list alone is in it too.
func Add(a, b corev1.ResourceList) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, value := range a {
		sum := value.DeepCopy()
		if more, ok := b[name]; ok {
			sum.Add(more)
		}
		out[name] = sum
	}
	for name, value := range b {
		if _, ok := out[name]; !ok {
			out[name] = value.DeepCopy()
		}
	}
	return out
}

// Subtract returns the difference; what is in b alone is negative.
func Subtract(a, b corev1.ResourceList) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, value := range a {
		rest := value.DeepCopy()
		if less, ok := b[name]; ok {
			rest.Sub(less)
		}
		out[name] = rest
	}
	for name, value := range b {
		if _, ok := out[name]; !ok {
			rest := value.DeepCopy()
			rest.Neg()
			out[name] = rest
		}
	}
	return out
}

// Positive returns the part of the list that is above zero.
func Positive(list corev1.ResourceList) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, value := range list {
		if value.Sign() > 0 {
			out[name] = value
		}
	}
	return out
}

// Negative returns the sorted names of what is below zero.
func Negative(list corev1.ResourceList) []corev1.ResourceName {
	var out []corev1.ResourceName
	for _, name := range Names(list) {
		if value := list[name]; value.Sign() < 0 {
			out = append(out, name)
		}
	}
	return out
}

// Exceeded returns the sorted names of what is more than hard allows.
func Exceeded(list, hard corev1.ResourceList) []corev1.ResourceName {
	var out []corev1.ResourceName
	for _, name := range Names(list) {
		value := list[name]
		if limit, ok := hard[name]; ok && value.Cmp(limit) > 0 {
			out = append(out, name)
		}
	}
	return out
}

// Text shows a list as messages do: "limits.cpu=1,pods=2".
func Text(list corev1.ResourceList) string {
	var out []string
	for _, name := range Names(list) {
		value := list[name]
		out = append(out, string(name)+"="+value.String())
	}
	return strings.Join(out, ",")
}

// NamesText shows names as messages do.
func NamesText(names []corev1.ResourceName) string {
	var out []string
	for _, name := range slices.Sorted(slices.Values(names)) {
		out = append(out, string(name))
	}
	return strings.Join(out, ",")
}
