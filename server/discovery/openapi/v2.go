package openapi

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strings"

	"k8s.io/kube-openapi/pkg/validation/spec"

	kindschema "github.com/nave-k8s/nave/kinds/schema"
)

type v2Operation struct {
	Description string                `json:"description,omitempty"`
	Consumes    []string              `json:"consumes,omitempty"`
	Produces    []string              `json:"produces,omitempty"`
	Schemes     []string              `json:"schemes"`
	Tags        []string              `json:"tags,omitempty"`
	OperationID string                `json:"operationId"`
	Parameters  []json.RawMessage     `json:"parameters,omitempty"`
	Responses   map[string]v2Response `json:"responses"`
	Action      string                `json:"x-kubernetes-action,omitempty"`
	Kind        *groupVersionKind     `json:"x-kubernetes-group-version-kind,omitempty"`
}

type v2Response struct {
	Description string     `json:"description"`
	Schema      *reference `json:"schema,omitempty"`
}

const v2Prefix = "#/definitions/"

// encodeV2 makes the one document of version 2 from the sources of all documents of version 3.
func (s *Service) encodeV2(all []source) ([]byte, error) {
	var paths []pathItem
	custom := map[string]customDefinition{}
	for _, src := range all {
		paths = append(paths, src.paths...)
		for name, c := range src.custom {
			custom[name] = c
		}
	}
	slices.SortFunc(paths, func(a, b pathItem) int { return strings.Compare(a.path, b.path) })
	defs, err := s.definitionsOf(paths, custom)
	if err != nil {
		return nil, err
	}
	info, err := json.Marshal(map[string]string{"title": "Kubernetes", "version": s.version})
	if err != nil {
		return nil, err
	}
	params := sharedParameters{}
	b := append([]byte(`{"swagger":"2.0","info":`), info...)
	b = append(b, `,"paths":{`...)
	for _, p := range paths {
		item, err := p.v2(params)
		if err != nil {
			return nil, err
		}
		b = appendMember(b, p.path, item)
	}
	b = append(b, `},"definitions":{`...)
	for _, def := range defs {
		text := def.V2
		if def.EveryVersion {
			text = withKinds(text, def.Name, kindschema.GroupVersions(false))
		}
		b = appendMember(b, def.Name, text)
	}
	b = append(b, `},"parameters":{`...)
	for _, name := range params.names() {
		b = appendMember(b, name, params[name])
	}
	b = append(b, '}')
	b = appendMember(b, "securityDefinitions", []byte(security))
	b = appendMember(b, "security", []byte(`[{"BearerToken":[]}]`))
	return append(b, '}'), nil
}

// v2 returns a path's item.
func (p pathItem) v2(params sharedParameters) ([]byte, error) {
	out := map[string]any{}
	ofPath, ofRoutes := p.shared()
	var err error
	if len(ofPath) > 0 {
		if out["parameters"], err = params.add(ofPath); err != nil {
			return nil, err
		}
	}
	for i, r := range p.routes {
		op := v2Operation{
			Description: r.description, Consumes: r.consumes, Produces: r.produces, Schemes: []string{"https"},
			Tags: []string{r.tag}, OperationID: r.id, Action: r.action,
			Responses: map[string]v2Response{"401": {Description: "Unauthorized"}},
		}
		if r.action != "" {
			op.Kind = &groupVersionKind{r.kind.Group, r.kind.Kind, r.kind.Version}
		}
		own := ofRoutes[i]
		if r.body != "" {
			body, err := params.body(r.body, r.bodyNeeded)
			if err != nil {
				return nil, err
			}
			op.Parameters = append(op.Parameters, body) // its name sorts first
		}
		rest, err := params.add(own)
		if err != nil {
			return nil, err
		}
		op.Parameters = append(op.Parameters, rest...)
		for _, resp := range r.responses {
			ref := refer(v2Prefix, resp.model)
			op.Responses[resp.code] = v2Response{Description: resp.description, Schema: &ref}
		}
		out[r.method] = op
	}
	return json.Marshal(out)
}

// sharedParameters are parameters that stand once in the document, with a name that tells them apart.
type sharedParameters map[string][]byte

func (s sharedParameters) names() []string {
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// add returns parameters as an operation has them: most by reference. Old versions of kubectl look for
// dryRun and fieldValidation in the operation itself, and names speak of their kind.
func (s sharedParameters) add(params []parameter) ([]json.RawMessage, error) {
	var out []json.RawMessage
	for _, p := range params {
		text, err := json.Marshal(spec.Parameter{
			ParamProps:        spec.ParamProps{Name: p.name, In: p.in, Description: p.description, Required: p.in == "path"},
			SimpleSchema:      spec.SimpleSchema{Type: p.kind},
			CommonValidations: spec.CommonValidations{UniqueItems: true},
		})
		if err != nil {
			return nil, err
		}
		if p.name != "name" && p.name != "dryRun" && p.name != "fieldValidation" {
			text = s.share(p.name, text)
		}
		out = append(out, text)
	}
	return out, nil
}

// body returns the body of a request as a parameter.
func (s sharedParameters) body(model string, needed bool) (json.RawMessage, error) {
	text, err := json.Marshal(spec.Parameter{ParamProps: spec.ParamProps{
		Name: "body", In: "body", Required: needed, Schema: &spec.Schema{SchemaProps: spec.SchemaProps{Ref: spec.MustCreateRef(v2Prefix + model)}},
	}})
	if err == nil && strings.HasPrefix(model, meta) {
		text = s.share("body", text)
	}
	return text, err
}

// share puts a parameter among the shared ones and returns a reference. Generated clients know it by this
// name, which is made as kube-openapi makes it.
func (s sharedParameters) share(name string, text []byte) []byte {
	hash := fnv.New64()
	hash.Write(text) //nolint:errcheck // a hash takes everything
	name += "-" + base64.URLEncoding.EncodeToString(hash.Sum(nil)[:6])
	s[name] = text
	return []byte(`{"$ref":"#/parameters/` + name + `"}`)
}
