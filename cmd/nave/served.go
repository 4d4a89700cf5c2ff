package main

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/kinds/core"
)

// served returns the built-in resources, but for group versions that --runtime-config turns off.
func served(config map[string]string, eventTTL time.Duration, log *slog.Logger) ([]*kinds.Resource, error) {
	all := builtin.All()
	known := map[string]bool{}
	for _, r := range all {
		known[groupVersion(r)] = true
		if r.GroupVersionKind() == core.EventKind && eventTTL > 0 {
			seconds := int64((eventTTL + eventGrace) / time.Second)
			r.Storage.TTL = func(kinds.Object) int64 { return seconds }
		}
	}
	off, allOff := map[string]bool{}, false
	for _, key := range slices.Sorted(maps.Keys(config)) {
		on, err := strconv.ParseBool(config[key])
		if config[key] == "" {
			on, err = true, nil
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("--runtime-config: invalid value %s=%s", key, config[key])
		case key == "api/all" || key == "api/ga":
			allOff = !on
		case key == "api/beta" || key == "api/alpha":
			if on {
				log.Warn("--runtime-config: there are no such versions", "key", key)
			}
		case strings.Count(key, "/") == 2: // GROUP/VERSION/RESOURCE
			return nil, fmt.Errorf("--runtime-config: single resources (%s) cannot be turned on or off", key)
		case known[key]:
			off[key] = !on
		case on:
			log.Warn("--runtime-config: there is no such group version", "key", key)
		}
	}
	return slices.DeleteFunc(all, func(r *kinds.Resource) bool {
		gone, said := off[groupVersion(r)]
		return gone || allOff && !said && groupVersion(r) != "v1"
	}), nil
}

// eventGrace is how much longer events are kept than they must, for clocks that differ.
const eventGrace = time.Minute

func groupVersion(r *kinds.Resource) string { return r.GroupVersion().String() }

// admissionSettings reads the file of --admission-control-config-file: for each plugin its settings, or the
// path of a file with them.
func admissionSettings(file string) (map[string][]byte, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--admission-control-config-file: %w", err)
	}
	var config struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Plugins    []struct {
			Name          string `json:"name"`
			Path          string `json:"path"`
			Configuration any    `json:"configuration"`
		} `json:"plugins"`
	}
	if err := yaml.UnmarshalStrict(data, &config); err != nil {
		return nil, fmt.Errorf("--admission-control-config-file %s: %w", file, err)
	}
	if group, _, _ := strings.Cut(config.APIVersion, "/"); group != "apiserver.config.k8s.io" || config.Kind != "AdmissionConfiguration" {
		return nil, fmt.Errorf("--admission-control-config-file %s is %s %s; it must be an AdmissionConfiguration of apiserver.config.k8s.io/v1", file, config.APIVersion, config.Kind)
	}
	out := map[string][]byte{}
	for _, p := range config.Plugins {
		switch {
		case p.Path != "":
			path := p.Path
			if !filepath.IsAbs(path) {
				path = filepath.Join(filepath.Dir(file), path)
			}
			out[p.Name], err = os.ReadFile(path)
		case p.Configuration != nil:
			out[p.Name], err = yaml.Marshal(p.Configuration)
		}
		if err != nil {
			return nil, fmt.Errorf("--admission-control-config-file: %s: %w", p.Name, err)
		}
	}
	return out, nil
}
