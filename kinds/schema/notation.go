package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	smd "sigs.k8s.io/structured-merge-diff/v6/schema"
)

// The notation of structure.txt. A type is a line, and a line for each field, which begins with a tab:
//
//	NAME GROUP/VERSION/KIND ...	ATOM
//		FIELD	REFERENCE	DEFAULT
//
//	ATOM is one or more of these, with | between
//	    string, numeric, boolean, untyped
//	    [atomic]REFERENCE, [set]REFERENCE, [KEY,KEY]REFERENCE   a list; with keys, a list that is a map
//	    {}REFERENCE, {atomic}REFERENCE, {separable}REFERENCE    a map; REFERENCE is empty for a structure
//	REFERENCE is an ATOM, or @NAME, or @NAME:atomic where a field makes a type atomic
//	DEFAULT is JSON, and may be missing
//
// The text of an inner ATOM reaches to the end, so that only the last part of an outer one may be
// followed by nothing: the generator writes scalar, list and map in this order, and no type needs more.

// parseField parses a line of a field without its leading tab.
func parseField(line string) (smd.StructField, error) {
	name, rest, ok := strings.Cut(line, "\t")
	if !ok || name == "" {
		return smd.StructField{}, errors.New("a field needs a name and a type")
	}
	notation, text, hasDefault := strings.Cut(rest, "\t")
	ref, err := parseReference(notation)
	if err != nil {
		return smd.StructField{}, err
	}
	field := smd.StructField{Name: name, Type: ref}
	if hasDefault {
		field.Default, err = parseDefault(text)
	}
	return field, err
}

// parseDefault reads JSON with whole numbers as int64, which is what they are in objects.
func parseDefault(text string) (any, error) {
	var whole int64
	if err := json.Unmarshal([]byte(text), &whole); err == nil && text != "null" {
		return whole, nil
	}
	var v any
	err := json.Unmarshal([]byte(text), &v)
	return v, err
}

func parseReference(s string) (smd.TypeRef, error) {
	if s == "" {
		return smd.TypeRef{}, nil
	}
	if s[0] != '@' {
		atom, err := parseAtom(s)
		return smd.TypeRef{Inlined: atom}, err
	}
	name, relation, ok := strings.Cut(s[1:], ":")
	ref := smd.TypeRef{NamedType: &name}
	if ok {
		r, err := parseRelation(relation)
		if err != nil {
			return smd.TypeRef{}, err
		}
		ref.ElementRelationship = &r
	}
	if name == "" || strings.ContainsAny(name, "|[]{}") {
		return smd.TypeRef{}, fmt.Errorf("%q is not the name of a type", name)
	}
	return ref, nil
}

func parseAtom(s string) (smd.Atom, error) {
	var a smd.Atom
	if s == "" {
		return a, errors.New("a type is missing")
	}
	for part := range strings.SplitSeq(s, "|") {
		if err := parsePart(&a, part); err != nil {
			return smd.Atom{}, err
		}
	}
	return a, nil
}

func parsePart(a *smd.Atom, s string) error {
	switch {
	case strings.HasPrefix(s, "["):
		inner, rest, ok := strings.Cut(s[1:], "]")
		if !ok || inner == "" || rest == "" || a.List != nil {
			return fmt.Errorf("%q is not a list", s)
		}
		element, err := parseReference(rest)
		if err != nil {
			return err
		}
		a.List = &smd.List{ElementType: element, ElementRelationship: smd.Associative}
		switch inner {
		case "atomic":
			a.List.ElementRelationship = smd.Atomic
		case "set":
		default:
			a.List.Keys = strings.Split(inner, ",")
		}
	case strings.HasPrefix(s, "{"):
		inner, rest, ok := strings.Cut(s[1:], "}")
		if !ok || a.Map != nil {
			return fmt.Errorf("%q is not a map", s)
		}
		element, err := parseReference(rest)
		if err != nil {
			return err
		}
		a.Map = &smd.Map{ElementType: element}
		if inner != "" {
			if a.Map.ElementRelationship, err = parseRelation(inner); err != nil {
				return err
			}
		}
	default:
		scalar := smd.Scalar(s)
		switch scalar {
		case smd.String, smd.Numeric, smd.Boolean, smd.Untyped:
		default:
			return fmt.Errorf("%q is not a scalar", s)
		}
		if a.Scalar != nil {
			return fmt.Errorf("%q is a second scalar", s)
		}
		a.Scalar = &scalar
	}
	return nil
}

func parseRelation(s string) (smd.ElementRelationship, error) {
	switch r := smd.ElementRelationship(s); r {
	case smd.Atomic, smd.Separable, smd.Associative:
		return r, nil
	}
	return "", fmt.Errorf("%q is not a relationship of elements", s)
}

// freeForm returns the two types that every schema of structured-merge-diff for Kubernetes has: values of
// any shape, owned as one or field by field.
func freeForm(name string) (smd.TypeDef, bool) {
	const whole, parts = "__untyped_atomic_", "__untyped_deduced_"
	var inMap smd.ElementRelationship
	switch name {
	case whole:
		inMap = smd.Atomic
	case parts:
		inMap = smd.Separable
	default:
		return smd.TypeDef{}, false
	}
	scalar, inList := smd.Untyped, whole
	return smd.TypeDef{Name: name, Atom: smd.Atom{
		Scalar: &scalar,
		List:   &smd.List{ElementType: smd.TypeRef{NamedType: &inList}, ElementRelationship: smd.Atomic},
		Map:    &smd.Map{ElementType: smd.TypeRef{NamedType: &name}, ElementRelationship: inMap},
	}}, true
}
