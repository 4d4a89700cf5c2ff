package resource

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestCheckQuantities(t *testing.T) {
	pod := func(limits string) string {
		return `{"metadata":{"labels":{"commit":"7e12345678"}},"spec":{"containers":[{"name":"1e99999","resources":{"limits":{` + limits + `}}}]}}`
	}
	for name, tt := range map[string]struct {
		body string
		ok   bool
	}{
		"ordinary":              {pod(`"cpu":"100m","memory":"1e3"`), true},
		"three digits":          {pod(`"cpu":"1e-999"`), true},
		"a great exponent":      {pod(`"cpu":"1E345678902"`), false},
		"a small one":           {pod(`"cpu":"1e-2147483647"`), false},
		"a number":              {pod(`"cpu":1e-2147483647`), false},
		"with a sign":           {pod(`"cpu":"+1.5E+99999"`), false},
		"an escaped digit":      {pod(`"cpu":"1E-\u0032147483647"`), false},
		"an escaped letter":     {pod(`"cpu":"1\u0045-2147483647"`), false},
		"behind leading zeros":  {pod(`"cpu":"1E00000001"`), false},
		"doubled":               {pod(`"cpu":"1E-2147483647","cpu":"1"`), false},
		"very many digits":      {pod(`"cpu":"` + strings.Repeat("9", 1000) + `"`), false},
		"cut short":             {pod(`"cpu":"1e99999`)[:60], true},
		"elsewhere: not a pod":  {`[1e99999]`, true},
		"elsewhere: in a label": {`{"metadata":{"annotations":{"a":"1e99999"}}}`, true},
	} {
		err := checkQuantities([]byte(tt.body), &corev1.Pod{})
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestQuantitiesInProtobuf(t *testing.T) {
	// A quantity that the library would not write: {limits: {cpu: "1e-99999"}}, from the inside out.
	field := func(num byte, value string) string { return string([]byte{num<<3 | 2, byte(len(value))}) + value }
	for text, ok := range map[string]bool{"1": true, "1e-99999": false} {
		requirements := field(1, field(1, "cpu")+field(2, field(1, text)))
		message := field(2, field(2, field(8, requirements))) // spec, containers, resources
		if err := checkMessage([]byte(message), &corev1.Pod{}); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSuspicious(t *testing.T) {
	for text, want := range map[string]bool{
		`"1e1234"`: true, `"-1.5E-1234"`: true, `1e1234`: true, `[1e1234]`: true, `{"a":1e1234}`: true,
		`"7e12345f"`: false, `"a7e12345"`: false, `"52ab1e12-3456-4e78-9123-1e2345678901"`: true, `"52ab1e12-3456-4e7812-9123"`: false,
		`"\u003ca\u003e"`: false, `"\u0031e5"`: true, `"1e100"`: false, `"10.96.0.1"`: false,
	} {
		if suspicious([]byte(text)) != want {
			t.Errorf("%s: not %v", text, want)
		}
	}
}

func BenchmarkSuspicious(b *testing.B) {
	data := []byte(strings.Repeat(`{"name":"c","image":"example.com/i:v1.2.3","value":"text"},`, 50))
	b.SetBytes(int64(len(data)))
	for range b.N {
		if suspicious(data) {
			b.Fatal("it is not")
		}
	}
}
