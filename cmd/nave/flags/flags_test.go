package flags

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestFlags compares the flags with those of kube-apiserver 1.37.2: rows of name, section, type, default,
// deprecated and who sets it.
func TestFlags(t *testing.T) {
	table, err := os.ReadFile("testdata/flags.tsv")
	if err != nil {
		t.Fatal(err)
	}
	o := New()
	missing := map[string]string{} // section by name
	for name, set := range o.sections.FlagSets {
		set.VisitAll(func(f *pflag.Flag) { missing[f.Name] = name })
	}
	for line := range strings.Lines(string(table)) {
		row := strings.Split(strings.TrimRight(line, "\n"), "\t")
		name, section, typ, value := strings.TrimPrefix(row[0], "--"), row[1], row[2], row[3]
		if section == "Global" {
			continue // --help and --version are the command's
		}
		if missing[name] != section {
			t.Errorf("--%s is in section %q, want %q", name, missing[name], section)
			continue
		}
		delete(missing, name)
		f := o.sections.FlagSets[section].Lookup(name)
		shown, _ := pflag.UnquoteUsage(f)
		if shown == "" {
			shown = "bool"
		}
		if shown != typ {
			t.Errorf("--%s has type %s, want %s", name, shown, typ)
		}
		want, _, _ := strings.Cut(value, " (")
		switch want = strings.Trim(want, `"`); name {
		case "feature-gates", "v": // shown in words, or not at all
		default:
			if got := f.DefValue; got != want && !(want == "" && (got == "<nil>" || got == "[]")) && !(want == "[]" && got == "") && !(want == "{}" && got == "") {
				t.Errorf("--%s has default %q, want %q", name, got, want)
			}
		}
	}
	for name := range missing {
		t.Errorf("kube-apiserver has no flag --%s", name)
	}
}

func parse(t *testing.T, args ...string) *Options {
	t.Helper()
	o := New()
	f := pflag.NewFlagSet("test", pflag.ContinueOnError)
	o.AddTo(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCheck(t *testing.T) {
	needed := []string{"--etcd-servers=http://127.0.0.1:2379", "--service-account-issuer=https://a", "--service-account-signing-key-file=k"}
	for _, c := range []struct {
		args []string
		vain string
		err  string
	}{
		{nil, "", ""},
		{[]string{"--audit-log-path=/tmp/a", "--audit-log-maxage=366", "--feature-gates=WatchList=false,InPlacePodVerticalScaling=true"}, "audit-log-path feature-gates", ""},
		{[]string{"--encryption-provider-config=f"}, "", "--encryption-provider-config is not supported: secrets would be stored as plain text"},
		{[]string{"--feature-gates=NoSuch=true"}, "", "unrecognized feature gate: NoSuch"},
		{[]string{"--etcd-prefix=/a"}, "", "--etcd-prefix /a: keys are below /registry"},
		{[]string{"--tls-cert-file=a"}, "", "--tls-cert-file and --tls-private-key-file must be given together"},
		{[]string{"--secure-port=0", "--goaway-chance=0.5"}, "", "--secure-port 0 must be between 1 and 65535, inclusive\n--goaway-chance can not be less than 0 or greater than 0.02"},
	} {
		var vain []string
		err := parse(t, append(needed, c.args...)...).Check(func(name, _, _ string) { vain = append(vain, name) })
		if got := strings.Join(vain, " "); got != c.vain {
			t.Errorf("%v: in vain %q, want %q", c.args, got, c.vain)
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != c.err {
			t.Errorf("%v: %q, want %q", c.args, text, c.err)
		}
	}
	if err := parse(t).Check(func(string, string, string) {}); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("three flags are needed: %v", err)
	}
}

func TestValues(t *testing.T) {
	f := pflag.NewFlagSet("test", pflag.ContinueOnError)
	New().AddTo(f)
	for _, c := range []struct {
		args string
		ok   bool
	}{
		{"--no-such-flag", false},
		{"--audit-log-maxage=x", false},
		{"--audit-log-compress", true},
		{"--audit-webhook-initial-backoff=3", false},
		{"--allow-privileged=true", true},
		{"--service-node-port-range=30000-32767", true},
		{"--service-node-port-range=30000+100", true},
		{"--service-node-port-range=3-2", false},
		{"--runtime-config=api/all=true", true},
		{"--tls-sni-cert-key=a,b:c,d", true},
		{"--service-account-issuer=a", true},
		{"--oidc-required-claim=a", false},
		{"--oidc-required-claim=a=b", true},
		{"--log-json-info-buffer-size=1Mi", true},
		{"-v=4", true},
		{"--vmodule=a=4", true},
	} {
		if err := f.Parse([]string{c.args}); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.args, err)
		}
	}
}
