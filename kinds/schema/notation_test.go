package schema

import (
	"errors"
	"testing"
)

func TestNotationRefuses(t *testing.T) {
	for _, text := range []string{
		"a\tstring", "a\n", "\n", "\tb\tstring\n", "a v1/Pod\tstring\n",
		"a\tstrings\n", "a\tstring|string\n", "a\t\n", "a\t[]string\n", "a\t[set]\n", "a\t[set\n", "a\t{wide}\n", "a\t{\n",
		"a\t{}@b\n", "a\t{}@\n", "a\t{}@b:wide\nb\tstring\n",
		"a\tstring\n\tb\tstring\n", "a\t{}\n\tb\n", "a\t{}\n\t\tstring\n", "a\t{}\n\tb\tstring\t{\n",
	} {
		if err := parseAll(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func FuzzNotation(f *testing.F) {
	f.Add("a v1/v1/Pod\t{}\n\tb\t[x,y]@c:atomic\t1\nc\tuntyped|[atomic]string|{atomic}@a\n")
	f.Add("a\t[set]{separable}numeric\n")
	f.Fuzz(func(t *testing.T, text string) {
		_ = parseAll(text) // must not panic
	})
}

// parseAll parses every type of a text, as a kind that has them all would.
func parseAll(text string) error {
	s, err := newStructure(text)
	if err != nil {
		return err
	}
	if len(s.types) == 0 {
		return errors.New("no types")
	}
	for name := range s.types {
		if _, err := s.closure(name); err != nil {
			return err
		}
	}
	return nil
}
