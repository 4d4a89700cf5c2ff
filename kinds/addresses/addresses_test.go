package addresses

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestIP(t *testing.T) {
	path := field.NewPath("ip")
	for ip, want := range map[string]string{
		"1.2.3.4":        "",
		"2001:DB8:0::1":  "", // odd, but clear
		"01.2.3.4":       `ip: Invalid value: "01.2.3.4": must not have leading 0s`,
		"::ffff:1.2.3.4": `ip: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address`,
		"x":              `ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
	} {
		got := ""
		if errs := IP(ip, nil, path); len(errs) > 0 {
			got = errs[0].Error()
		}
		if got != want {
			t.Errorf("%s: %s", ip, got)
		}
		if errs := IP(ip, []string{ip}, path); len(errs) > 0 {
			t.Errorf("%s is refused though it was there before: %v", ip, errs)
		}
	}
}

func TestReachable(t *testing.T) {
	for ip, want := range map[string]string{
		"1.2.3.4":     "",
		"::":          "may not be unspecified (::)",
		"127.0.0.9":   "may not be in the loopback range (127.0.0.0/8, ::1/128)",
		"fe80::1":     "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
		"224.0.0.251": "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
	} {
		got := ""
		if errs := Reachable(ip, field.NewPath("ip")); len(errs) > 0 {
			got = errs[0].Detail
		}
		if got != want {
			t.Errorf("%s: %s", ip, got)
		}
	}
}
