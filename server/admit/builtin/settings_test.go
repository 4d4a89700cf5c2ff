package builtin

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nave-k8s/nave/server/admit/podsecurity"
)

const settingsHead = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n"

func TestReadSettings(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "admission.yaml")
	text := settingsHead + `- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: baseline}
- name: PodNodeSelector
  path: selectors.yaml
`
	for path, content := range map[string]string{file: text, filepath.Join(dir, "selectors.yaml"): "podNodeSelectorPluginConfig: {a: b=c}"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings, err := ReadSettings(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := podsecurity.New(nil, settings["PodSecurity"]); err != nil {
		t.Error(err)
	}
	if got := string(settings["PodNodeSelector"]); got != "podNodeSelectorPluginConfig: {a: b=c}" {
		t.Errorf("got %q", got)
	}
}

func TestSettingsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"kind: Other":                                                   "no kind",
		settingsHead + "- {name: Nope}":                                 `admission plugin "Nope" is unknown`,
		settingsHead + "- {name: Priority, other: x}":                   "unknown field",
		settingsHead + "- {name: Priority}\n- {name: Priority}":         "configured twice",
		settingsHead + "- {name: Priority, path: none}":                 "gone",
		settingsHead + "- {name: Priority, path: a, configuration: {}}": "exclude each other",
	} {
		_, err := parseSettings([]byte(text), func(string) ([]byte, error) { return nil, errors.New("gone") })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}
