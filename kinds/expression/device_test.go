package expression

import (
	"strings"
	"testing"
)

func TestDeviceExpressions(t *testing.T) {
	const limit = 1000000
	for _, test := range []struct {
		text, err string
		dear      bool
	}{
		{text: "device.driver == 'gpu.example.com'"},
		{text: "device.attributes['a.b'].model == 'a100'"},
		{text: "device.attributes['a.b'].version.isGreaterThan(semver('1.2.0'))"},
		{text: "device.capacity['a.b'].memory.compareTo(quantity('10Gi')) >= 0"},
		{text: "cel.bind(dra, device.attributes['d.e'], dra.a && dra.b == 1)"},
		{text: "'x' in device.attributes['a.b']"},
		{text: "device.allowMultipleAllocations == true"},
		{text: "semver('bad').major() == 1 && quantity('bad').isInteger()"},
		{text: "device.attributes['a.b'].all(k, device.attributes['a.b'].all(l, device.attributes['a.b'].all(m, k != l && l != m && k.contains(m))))", dear: true},
		{text: "device.driver", err: "must evaluate to bool or the unknown type, not string"},
		{text: "", err: "compilation failed: ERROR: <input>:1:0: Syntax error: mismatched input '<EOF>'"},
		{text: "device.nosuch == 1", err: "compilation failed: ERROR: <input>:1:7: undefined field 'nosuch'"},
		{text: "device.capacity['a.b'].memory == 5", err: "compilation failed: ERROR: <input>:1:31: found no matching overload for '_==_' applied to '(kubernetes.Quantity, int)'"},
	} {
		problem, cost := Device(test.text)
		if (problem == "") != (test.err == "") || !strings.HasPrefix(problem, test.err) {
			t.Errorf("%s: %q, want %q", test.text, problem, test.err)
		}
		if dear := cost > limit; dear != test.dear {
			t.Errorf("%s: cost %d", test.text, cost)
		}
	}
}
