package resourcename

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestNames(t *testing.T) {
	for name, want := range map[corev1.ResourceName]string{
		"cpu":                                "native overcommit container quota standard",
		"hugepages-2Mi":                      "native container quota standard",
		"storage":                            "native overcommit standard",
		"requests.storage":                   "native overcommit quota standard",
		"pods":                               "native overcommit integer quota standard",
		"example.com/gpu":                    "extended integer",
		"requests.example.com/gpu":           "",
		"attachable-volumes.kubernetes.io/x": "native overcommit",
		corev1.ResourceName("a/" + long):     "", // too long for a quota's name
		"odd":                                "native overcommit",
		"limits.memory":                      "native overcommit quota standard",
		"count/deployments.apps":             "extended integer",
	} {
		var is []string
		for _, p := range []struct {
			name string
			is   bool
		}{
			{"native", Native(name)}, {"extended", Extended(name)}, {"overcommit", Overcommit(name)}, {"integer", Integer(name)},
			{"container", StandardForContainer(name)}, {"quota", StandardForQuota(name)}, {"standard", Standard(name)},
		} {
			if p.is {
				is = append(is, p.name)
			}
		}
		if got := strings.Join(is, " "); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

var long = strings.Repeat("x", 64)

func TestValidate(t *testing.T) {
	path := field.NewPath("p")
	for _, test := range []struct {
		about string
		errs  field.ErrorList
		want  int
	}{
		{"a container's", ValidateForContainer("cpu", path), 0},
		{"nobody's", ValidateForContainer("odd", path), 2},
		{"a device's", ValidateForContainer("example.com/gpu", path), 0},
		{"a device's, with a quota's prefix", ValidateForContainer("requests.example.com/gpu", path), 1},
		{"a quota's", ValidateForQuota("requests.storage", path), 0},
		{"a container's limit is no quota's name", ValidateForQuota("storage", path), 1},
		{"not a name", Validate("a b", path), 1},
	} {
		if len(test.errs) != test.want {
			t.Errorf("%s: %v", test.about, test.errs)
		}
	}
}
