package quantity

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// FuzzRoundUp rounds what parses. The result is not nearer to zero, is written in a form that reads as the same,
// and does not change when it is rounded again.
func FuzzRoundUp(f *testing.F) {
	for _, s := range []string{"1", "100m", "0.1n", "1e3", "1e-9", "-1.5", "1Ki", "1.5Gi", "9223372036854775807", "1e18", "12345678901234567890E", "+.5", "0.0005"} {
		f.Add(s)
	}
	// From 1000E on, the library writes quantities without their suffix: as "1". So does kube-apiserver.
	beyond := resource.MustParse("999E")
	f.Fuzz(func(t *testing.T, text string) {
		if i := strings.IndexAny(text, "eE"); i >= 0 && len(text)-i > 5 {
			return // the engine refuses great exponents: the library takes forever with them
		}
		q, err := resource.ParseQuantity(text)
		if err != nil {
			return
		}
		list := corev1.ResourceList{"cpu": q.DeepCopy()}
		RoundUp(list)
		got := list["cpu"]
		if got.Cmp(q)*q.Sign() < 0 {
			t.Errorf("%s is rounded to %s", text, got.String())
		}
		size := got.DeepCopy()
		if size.Sign() < 0 {
			size.Neg()
		}
		if size.Cmp(beyond) >= 0 {
			return
		}
		again, err := resource.ParseQuantity(got.String())
		if err != nil || again.Cmp(got) != 0 {
			t.Errorf("%s is written as %s and read as %s, %v", text, got.String(), again.String(), err)
		}
		RoundUp(list)
		if twice := list["cpu"]; twice.Cmp(got) != 0 {
			t.Errorf("%s is rounded to %s and then to %s", text, got.String(), twice.String())
		}
	})
}
