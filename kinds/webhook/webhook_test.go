package webhook

import (
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://host.example.com/path": "",
		"https://host:8443":             "",
		"http://host":                   `url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
		"https:///path":                 `url: Invalid value: "": host must be specified; desired format: https://host[/path]`,
		"https://me@host":               `url: Invalid value: "me": user information is not permitted in the URL`,
		"https://host?a=b":              `url: Invalid value: "a=b": query parameters are not permitted in the URL`,
		"https://host#f":                `url: Invalid value: "f": fragments are not permitted in the URL`,
	} {
		if got := first(URL(text, field.NewPath("url"))); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestService(t *testing.T) {
	for _, test := range []struct {
		path string
		port int32
		want string
	}{
		{"", 443, ""},
		{"/", 443, ""},
		{"/a/b/", 443, ""},
		{"/a//b", 443, `service.path: Invalid value: "/a//b": segment[1] may not be empty`},
		{"//", 443, `service.path: Invalid value: "//": segment[0] may not be empty`},
		{"/A", 443, `service.path: Invalid value: "/A": segment[0]: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`},
		{"", 0, `service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive`},
	} {
		s := &admissionv1.ServiceReference{Namespace: "n", Name: "s", Path: &test.path, Port: &test.port}
		if got := first(Service(s, field.NewPath("service"))); got != test.want {
			t.Errorf("%q %d: %s, want %s", test.path, test.port, got, test.want)
		}
	}
	if got := first(Service(&admissionv1.ServiceReference{}, field.NewPath("service"))); got != "service.name: Required value" {
		t.Error(got)
	}
}

func first(errs field.ErrorList) string {
	if len(errs) == 0 {
		return ""
	}
	return errs[0].Error()
}
