package openapi

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime/schema"

	kindschema "github.com/nave-k8s/nave/kinds/schema"
)

// The parts of a version 3 document, as JSON has them.

type v3Operation struct {
	Tags        []string              `json:"tags,omitempty"`
	Description string                `json:"description,omitempty"`
	OperationID string                `json:"operationId"`
	Parameters  []v3Parameter         `json:"parameters,omitempty"`
	RequestBody *v3Body               `json:"requestBody,omitempty"`
	Responses   map[string]v3Response `json:"responses"`
	Action      string                `json:"x-kubernetes-action,omitempty"`
	Kind        *groupVersionKind     `json:"x-kubernetes-group-version-kind,omitempty"`
}

type v3Parameter struct {
	Name        string   `json:"name"`
	In          string   `json:"in"`
	Description string   `json:"description,omitempty"`
	Required    bool     `json:"required,omitempty"`
	Schema      v3Simple `json:"schema"`
}

type v3Simple struct {
	Type        string `json:"type"`
	UniqueItems bool   `json:"uniqueItems"`
}

type v3Body struct {
	Content  map[string]v3Media `json:"content"`
	Required bool               `json:"required,omitempty"`
}

type v3Response struct {
	Description string             `json:"description"`
	Content     map[string]v3Media `json:"content,omitempty"`
}

type v3Media struct {
	Schema reference `json:"schema"`
}

// A reference is to a definition, or it is a simple type.
type reference struct {
	Ref  string `json:"$ref,omitempty"`
	Type string `json:"type,omitempty"`
}

type groupVersionKind struct {
	Group   string `json:"group"`
	Kind    string `json:"kind"`
	Version string `json:"version"`
}

func refer(prefix, model string) reference {
	if model == "string" {
		return reference{Type: model}
	}
	return reference{Ref: prefix + model}
}

const (
	v3Head = `{"openapi":"3.0.0","info":`
	// security is what both versions say of authentication.
	security = `{"BearerToken":{"type":"apiKey","description":"Bearer Token authentication","name":"authorization","in":"header"}}`
)

// encodeV3 makes the document of a source.
func (s *Service) encodeV3(src source) ([]byte, error) {
	defs, err := s.definitionsOf(src.paths, src.custom)
	if err != nil {
		return nil, err
	}
	info := map[string]string{"title": "Kubernetes", "version": s.version}
	if len(src.custom) > 0 {
		info = map[string]string{"title": "Kubernetes CRD Swagger", "version": "v0.1.0"}
	}
	head, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	b := append([]byte(v3Head), head...)
	b = append(b, `,"paths":{`...)
	for _, p := range src.paths {
		item, err := json.Marshal(p.v3())
		if err != nil {
			return nil, err
		}
		b = appendMember(b, p.path, item)
	}
	b = append(b, `},"components":{`...)
	if len(defs) > 0 {
		b = append(b, `"schemas":{`...)
		for _, def := range defs {
			b = appendMember(b, def.Name, src.schemaV3(def))
		}
		b = append(b, '}')
	}
	if len(src.custom) == 0 {
		b = appendMember(b, "securitySchemes", []byte(security))
	}
	return append(b, "}}"...), nil
}

// schemaV3 returns a schema as the document has it. A document names a shared kind as one of its own group
// version and of the core group's; one of custom resources names all that clients know.
func (src source) schemaV3(def kindschema.Definition) []byte {
	switch {
	case !def.EveryVersion:
		return def.V3
	case len(src.custom) > 0:
		return withKinds(def.V3, def.Name, kindschema.GroupVersions(true))
	}
	versions := []schema.GroupVersion{{Version: "v1"}}
	if src.gv.Group != "" {
		versions = append(versions, src.gv)
	}
	return withKinds(def.V3, def.Name, versions)
}

// v3 returns a path's item.
func (p pathItem) v3() map[string]any {
	out := map[string]any{}
	ofPath, ofRoutes := p.shared()
	if len(ofPath) > 0 {
		out["parameters"] = v3Parameters(ofPath)
	}
	const prefix = "#/components/schemas/"
	for i, r := range p.routes {
		op := v3Operation{
			Tags: []string{r.tag}, Description: r.description, OperationID: r.id,
			Parameters: v3Parameters(ofRoutes[i]),
			Responses:  map[string]v3Response{"401": {Description: "Unauthorized"}},
			Action:     r.action,
		}
		if r.action != "" {
			op.Kind = &groupVersionKind{r.kind.Group, r.kind.Kind, r.kind.Version}
		}
		if r.body != "" {
			op.RequestBody = &v3Body{Content: content(r.consumes, refer(prefix, r.body)), Required: r.bodyNeeded}
		}
		for _, resp := range r.responses {
			op.Responses[resp.code] = v3Response{Description: resp.description, Content: content(r.produces, refer(prefix, resp.model))}
		}
		out[r.method] = op
	}
	return out
}

func content(types []string, ref reference) map[string]v3Media {
	out := make(map[string]v3Media, len(types))
	for _, t := range types {
		out[t] = v3Media{ref}
	}
	return out
}

func v3Parameters(params []parameter) []v3Parameter {
	out := make([]v3Parameter, len(params))
	for i, p := range params {
		out[i] = v3Parameter{Name: p.name, In: p.in, Description: p.description, Required: p.in == "path", Schema: v3Simple{p.kind, true}}
	}
	return out
}
