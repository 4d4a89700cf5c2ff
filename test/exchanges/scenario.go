package exchanges

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

// Scenario is one file: requests that belong together, in order.
type Scenario struct {
	About string         `json:"about"`
	Vars  map[string]any `json:"vars"` // pieces of bodies, for $use
	Steps []Step         `json:"steps"`

	needsNamespace bool
	want           []Answer
}

// Step is one request. Strings may hold $NAME: a variable saved before, or the scenario's namespace $NS.
type Step struct {
	Do      string            `json:"do"`   // METHOD PATH
	Body    any               `json:"body"` // sent as JSON
	Raw     string            `json:"raw"`  // sent as it stands
	Type    string            `json:"type"` // of the body
	Accept  string            `json:"accept"`
	Headers map[string]string `json:"headers"`
	Token   string            `json:"token"` // of another user; none: no credentials
	Save    map[string]string `json:"save"`  // variable: path in the answer
	Events  int               `json:"events"`
	Within  int               `json:"within"` // seconds for events or until
	Until   string            `json:"until"`  // a code, or path=value: repeated until it holds
	Ignore  []string          `json:"ignore"`
	Loose   bool              `json:"loose"` // the code alone is compared
	Quiet   bool              `json:"quiet"` // nothing is compared
}

// Answer is what is compared of a response.
type Answer struct {
	Step     string   `json:"step"`
	Code     int      `json:"code"`
	Type     string   `json:"type"`
	Warnings []string `json:"warnings"`
	Body     any      `json:"body"`
	Events   []any    `json:"events"`
}

// readScenario reads FILE.yaml and the answers beside it.
func readScenario(file string) (*Scenario, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := &Scenario{needsNamespace: strings.Contains(string(text), "$NS")}
	if err := yaml.UnmarshalStrict(text, s); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	answers, err := os.Open(strings.TrimSuffix(file, ".yaml") + ".want.jsonl")
	if err != nil {
		return nil, err
	}
	defer answers.Close() //nolint:errcheck // it is only read
	for in := json.NewDecoder(answers); ; {
		var a Answer
		switch err := in.Decode(&a); {
		case errors.Is(err, io.EOF):
			if len(s.want) != len(s.Steps) {
				return nil, fmt.Errorf("%s: %d answers for %d steps", file, len(s.want), len(s.Steps))
			}
			return s, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		s.want = append(s.want, a)
	}
}
