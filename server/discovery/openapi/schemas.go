package openapi

import (
	"bytes"
	"encoding/json"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	kindschema "github.com/nave-k8s/nave/kinds/schema"
)

// models collects the names of the definitions that paths refer to.
type models map[string]bool

func (m models) collect(paths []pathItem) {
	for _, p := range paths {
		for _, r := range p.routes {
			if r.body != "" {
				m[r.body] = true
			}
			for _, resp := range r.responses {
				if resp.model != "string" {
					m[resp.model] = true
				}
			}
		}
	}
}

// definitionsOf returns the schemas that a document needs: what its paths refer to, and what these refer to.
func (s *Service) definitionsOf(paths []pathItem, custom map[string]customDefinition) ([]kindschema.Definition, error) {
	wanted := models{}
	wanted.collect(paths)
	var builtin []string
	var own []kindschema.Definition
	for name := range wanted {
		c, ok := custom[name]
		if !ok {
			builtin = append(builtin, name)
			continue
		}
		own = append(own, kindschema.Definition{Name: name, V3: c.v3, V2: c.v2})
		builtin = append(builtin, c.references()...)
	}
	all, err := s.definitions.Read(builtin)
	if err != nil {
		return nil, err
	}
	all = append(all, own...)
	slices.SortFunc(all, func(a, b kindschema.Definition) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return all, nil
}

// withKinds adds to a schema that it is a kind of each of the versions.
func withKinds(text []byte, name string, versions []schema.GroupVersion) []byte {
	type gvk struct {
		Group   string `json:"group"`
		Kind    string `json:"kind"`
		Version string `json:"version"`
	}
	kind := name[len(meta):]
	list := make([]gvk, len(versions))
	for i, gv := range versions {
		list[i] = gvk{gv.Group, kind, gv.Version}
	}
	kinds, err := json.Marshal(list)
	if err != nil {
		panic(err) // strings can be encoded
	}
	out := slices.Concat(text[:len(text)-1], []byte(`,"x-kubernetes-group-version-kind":`), kinds)
	return append(out, '}')
}

// appendMember appends a member of a JSON object whose value is JSON already.
func appendMember(b []byte, name string, value []byte) []byte {
	if last := b[len(b)-1]; last != '{' {
		b = append(b, ',')
	}
	key, err := json.Marshal(name)
	if err != nil {
		panic(err) // strings can be encoded
	}
	b = append(b, key...)
	b = append(b, ':')
	return append(b, value...)
}
