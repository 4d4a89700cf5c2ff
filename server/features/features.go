// Package features knows the feature gates of Kubernetes 1.37. Nave behaves as with their defaults; it has
// no gates of its own. Callers: cmd/nave, to tell a gate from a typing error, and server, to show them in
// /metrics.
package features

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed gates.tsv
var table string

// A Gate is one feature.
type Gate struct {
	Name   string
	Stage  string // ALPHA, BETA, DEPRECATED; "" is generally available
	On     bool
	Locked bool // it cannot be set
}

// Gates are all gates, by name.
func Gates() []Gate {
	var out []Gate
	for line := range strings.Lines(table) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		g := Gate{Name: f[0], Stage: strings.ToUpper(f[1]), On: f[2] == "on", Locked: f[3] == "yes"}
		if g.Stage == "GA" {
			g.Stage = ""
		}
		out = append(out, g)
	}
	return out
}

// all are gates that stand for all of a stage.
var all = map[string]string{"AllAlpha": "ALPHA", "AllBeta": "BETA"}

// Check reads NAME=BOOL settings. It returns those that ask for something else than the default, which is
// what they get nevertheless; a gate that does not exist, or cannot be set, is an error.
func Check(settings []string) (vain []string, err error) {
	gates := Gates()
	for _, setting := range settings {
		name, text, ok := strings.Cut(setting, "=")
		if !ok {
			return nil, fmt.Errorf("missing bool value for feature gate %s", name)
		}
		on, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("invalid value of %s=%s, err: %w", name, text, err)
		}
		if stage, ok := all[name]; ok {
			if slices.ContainsFunc(gates, func(g Gate) bool { return g.Stage == stage && !g.Locked && g.On != on }) {
				vain = append(vain, setting)
			}
			continue
		}
		i := slices.IndexFunc(gates, func(g Gate) bool { return g.Name == name })
		switch {
		case i < 0:
			return nil, fmt.Errorf("unrecognized feature gate: %s", name)
		case gates[i].On != on && gates[i].Locked:
			return nil, fmt.Errorf("cannot set feature gate %s to %v, feature is locked to %v", name, on, gates[i].On)
		case gates[i].On != on:
			vain = append(vain, setting)
		}
	}
	return vain, nil
}
