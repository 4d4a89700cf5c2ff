package tolerations

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

func TestMerge(t *testing.T) {
	var (
		x       = corev1.Toleration{Key: "x", Operator: "Exists", Effect: "NoSchedule"}
		xAny    = corev1.Toleration{Key: "x", Operator: "Exists"}
		xValue  = corev1.Toleration{Key: "x", Operator: "Equal", Value: "v", Effect: "NoSchedule"}
		y       = corev1.Toleration{Key: "y", Operator: "Exists", Effect: "NoExecute"}
		yMinute = corev1.Toleration{Key: "y", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: ptr.To[int64](60)}
		all     = corev1.Toleration{Operator: "Exists"}
	)
	names := map[string]corev1.Toleration{"x": x, "xAny": xAny, "xValue": xValue, "y": y, "yMinute": yMinute, "all": all}
	list := func(s string) (out []corev1.Toleration) {
		for _, name := range strings.Fields(s) {
			out = append(out, names[name])
		}
		return out
	}
	for _, test := range []struct{ first, second, want string }{
		{"", "x", "x"},
		{"x y", "x", "x y"},       // of equal ones the first stays
		{"x y", "xAny", "y xAny"}, // a wider one replaces
		{"xAny y", "x", "xAny y"}, // a narrower one is left out
		{"xValue", "x", "x"},
		{"yMinute", "y", "y"},
		{"y", "yMinute", "y"},
		{"x y", "all", "all"},
		{"x", "y", "x y"},
	} {
		got, want := Merge(list(test.first), list(test.second)), list(test.want)
		if len(got) != len(want) {
			t.Errorf("%s + %s: got %v", test.first, test.second, got)
			continue
		}
		for i := range got {
			if !Includes(got[i], want[i]) || !Includes(want[i], got[i]) {
				t.Errorf("%s + %s: got %v", test.first, test.second, got)
			}
		}
	}
	if !AllIncluded(list("x y"), nil) || !AllIncluded(list("x"), list("all")) || AllIncluded(list("x y"), list("xAny")) {
		t.Error("AllIncluded")
	}
}
