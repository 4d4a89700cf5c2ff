package discovery

import (
	"fmt"
	"strings"
	"testing"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

func read(t *testing.T, text string) *discoveryv1.EndpointSlice {
	t.Helper()
	s := &discoveryv1.EndpointSlice{}
	if err := yaml.UnmarshalStrict([]byte(text), s); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	setDefaults(s)
	return s
}

func texts(errs field.ErrorList) string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return strings.Join(out, "\n")
}

func TestValidate(t *testing.T) {
	for _, test := range []struct{ about, slice, want string }{
		{"the type and the number of addresses come last", `{endpoints: [{}], ports: [{name: Bad, protocol: X}, {name: Bad}]}`,
			"ports[0].name: Invalid value: \"Bad\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')\n" +
				"ports[0].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", \"UDP\"\n" +
				"ports[1].name: Invalid value: \"Bad\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')\n" +
				"ports[1].name: Duplicate value: \"Bad\"\n" +
				"addressType: Required value\nendpoints[0].addresses: Required value"},
		{"addresses of the other family", `{addressType: IPv6, endpoints: [{addresses: [1.2.3.4, "FD00::1", "::1"]}]}`,
			"endpoints[0].addresses: Invalid value: \"1.2.3.4\": must be an IPv6 address\n" +
				"endpoints[0].addresses[1]: Invalid value: \"FD00::1\": must be in canonical form (\"fd00::1\")\n" +
				"endpoints[0].addresses[2]: Invalid value: \"::1\": may not be in the loopback range (127.0.0.0/8, ::1/128)"},
		{"names need two segments", `{addressType: FQDN, endpoints: [{addresses: [single]}]}`,
			`endpoints[0].addresses[0]: Invalid value: "single": should be a domain with at least two segments separated by dots`},
		{"hints", `{addressType: IPv4, endpoints: [{addresses: [1.1.1.1], hints: {forZones: [{name: a}, {name: a}], forNodes: [{name: a b}]}}]}`,
			"endpoints[0].hints.forZones[1].name: Duplicate value: \"a\"\n" +
				`endpoints[0].hints.forNodes[0].name: Invalid value: "a b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`},
	} {
		if got := texts(validate(read(t, test.slice), nil)); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.about, got, test.want)
		}
	}
}

func TestUpdate(t *testing.T) {
	r := All()[0]
	old := read(t, `{metadata: {generation: 1}, addressType: IPv4, endpoints: [{addresses: [127.0.0.1]}]}`)
	for _, test := range []struct {
		about, slice string
		generation   int64
		want         string
	}{
		{"an annotation", `{metadata: {generation: 1, annotations: {x: "1"}}, addressType: IPv4, endpoints: [{addresses: [127.0.0.1]}]}`, 1, ""},
		{"a label", `{metadata: {generation: 1, labels: {x: "1"}}, addressType: IPv4, endpoints: [{addresses: [127.0.0.1]}]}`, 2, ""},
		{"the type", `{metadata: {generation: 1}, addressType: IPv6, endpoints: [{addresses: ["fd00::1"]}]}`, 2,
			"addressType: Invalid value: null: field is immutable"},
	} {
		s := read(t, test.slice)
		r.Rules.PrepareUpdate(kinds.Input{}, s, old)
		if s.Generation != test.generation {
			t.Errorf("%s: generation %d", test.about, s.Generation)
		}
		if got := texts(r.Rules.ValidateUpdate(kinds.Input{}, s, old)); got != test.want {
			t.Errorf("%s: %s", test.about, got)
		}
	}
}

func TestTable(t *testing.T) {
	for slice, want := range map[string]string{
		`{metadata: {name: a}, addressType: IPv4, ports: [{port: 80}, {name: http}, {}], endpoints: [{addresses: [1.1.1.1, 1.1.1.2]}, {addresses: [1.1.1.3, 1.1.1.4]}]}`: "[a IPv4 80,http, 1.1.1.1,1.1.1.2,1.1.1.3 + 1 more... <unknown>]",
		`{metadata: {name: a}, ports: [], endpoints: []}`: "[a  <unset> <unset> <unknown>]",
	} {
		if got := fmt.Sprint(All()[0].Table.Cells(read(t, slice), time.Now())); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
