package dump

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/kube-openapi/pkg/schemaconv"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
)

// structure writes what server-side apply must know of every type, in the notation that kinds/schema reads
// (see there, notation.go).
func (d *definitions) structure() ([]byte, error) {
	s, err := schemaconv.ToSchemaFromOpenAPI(d.v3, false)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(s.Types, func(a, b schema.TypeDef) int { return cmp.Compare(a.Name, b.Name) })
	var b bytes.Buffer
	for _, t := range s.Types {
		if strings.HasPrefix(t.Name, "__") {
			continue // the two free-form types, which kinds/schema has itself
		}
		b.WriteString(t.Name)
		if !strings.HasPrefix(t.Name, "io.k8s.apimachinery.") {
			for _, k := range d.kinds[t.Name] {
				fmt.Fprintf(&b, " %s/%s/%s", k.Group, k.Version, k.Kind)
			}
		}
		b.WriteByte('\t')
		if err := writeAtom(&b, t.Atom); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		b.WriteByte('\n')
		if t.Map == nil {
			continue
		}
		slices.SortFunc(t.Map.Fields, func(a, b schema.StructField) int { return cmp.Compare(a.Name, b.Name) })
		for _, f := range t.Map.Fields {
			fmt.Fprintf(&b, "\t%s\t", f.Name)
			if err := writeRef(&b, f.Type); err != nil {
				return nil, fmt.Errorf("%s.%s: %w", t.Name, f.Name, err)
			}
			if f.Default != nil {
				j, err := json.Marshal(f.Default)
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(&b, "\t%s", j)
			}
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}

func writeRef(b *bytes.Buffer, r schema.TypeRef) error {
	if r.Nullable {
		return fmt.Errorf("nullable is not in the notation")
	}
	if r.NamedType == nil {
		if r.ElementRelationship != nil {
			return fmt.Errorf("an inlined type with a relationship is not in the notation")
		}
		if r.Inlined.Map != nil && len(r.Inlined.Map.Fields) > 0 {
			return fmt.Errorf("an inlined structure is not in the notation")
		}
		return writeAtom(b, r.Inlined)
	}
	b.WriteString("@" + *r.NamedType)
	if r.ElementRelationship != nil {
		b.WriteString(":" + string(*r.ElementRelationship))
	}
	return nil
}

func writeAtom(b *bytes.Buffer, a schema.Atom) error {
	var parts []string
	if a.Scalar != nil {
		parts = append(parts, string(*a.Scalar))
	}
	if a.List != nil {
		var inner bytes.Buffer
		relation := string(a.List.ElementRelationship)
		if a.List.ElementRelationship == schema.Associative {
			relation = strings.Join(a.List.Keys, ",")
			if relation == "" {
				relation = "set"
			}
		}
		fmt.Fprintf(&inner, "[%s]", relation)
		if err := writeRef(&inner, a.List.ElementType); err != nil {
			return err
		}
		parts = append(parts, inner.String())
	}
	if a.Map != nil {
		if len(a.Map.Unions) > 0 {
			return fmt.Errorf("unions are not in the notation")
		}
		var inner bytes.Buffer
		fmt.Fprintf(&inner, "{%s}", a.Map.ElementRelationship)
		if err := writeRef(&inner, a.Map.ElementType); err != nil {
			return err
		}
		parts = append(parts, inner.String())
	}
	b.WriteString(strings.Join(parts, "|"))
	return nil
}
