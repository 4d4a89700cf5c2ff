package builtin

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/server/admit"
)

// ReadSettings reads the file of --admission-control-config-file, an AdmissionConfiguration: the settings of each
// plugin stand in it, or in a file of their own that it names, relative to itself.
func ReadSettings(file string) (map[string][]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	settings, err := parseSettings(data, func(path string) ([]byte, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		return os.ReadFile(path)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return settings, nil
}

func parseSettings(data []byte, read func(path string) ([]byte, error)) (map[string][]byte, error) {
	var c struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Plugins    []struct {
			Name          string          `json:"name"`
			Path          string          `json:"path"`
			Configuration json.RawMessage `json:"configuration"`
		} `json:"plugins"`
	}
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		return nil, err
	}
	if c.Kind != "AdmissionConfiguration" || c.APIVersion != "apiserver.config.k8s.io/v1" && c.APIVersion != "apiserver.k8s.io/v1alpha1" {
		return nil, fmt.Errorf("no kind %q is registered for version %q", c.Kind, c.APIVersion)
	}
	known := map[string]bool{}
	for _, p := range admit.Order() {
		known[p.Name] = true
	}
	out := map[string][]byte{}
	for _, p := range c.Plugins {
		if !known[p.Name] {
			return nil, fmt.Errorf("admission plugin %q is unknown", p.Name)
		}
		if _, twice := out[p.Name]; twice {
			return nil, fmt.Errorf("admission plugin %q is configured twice", p.Name)
		}
		var err error
		switch {
		case p.Path != "" && len(p.Configuration) > 0:
			err = errors.New("path and configuration exclude each other")
		case p.Path != "":
			out[p.Name], err = read(p.Path)
		default:
			out[p.Name] = p.Configuration
		}
		if err != nil {
			return nil, fmt.Errorf("admission plugin %q: %w", p.Name, err)
		}
	}
	return out, nil
}
