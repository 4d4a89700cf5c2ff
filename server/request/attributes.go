package request

import (
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// Attributes is what a request is about to do, as authorization looks at it. Besides requests, access
// reviews and the stages themselves ask about it.
type Attributes struct {
	User        authenticationv1.UserInfo
	Verb        string
	Resource    bool // the rest is about a resource; else about Path
	Group       string
	Version     string
	Plural      string
	Subresource string
	Namespace   string
	Name        string
	Path        string

	// FieldText and LabelText are the selectors of a list, a watch or a deletecollection as the client
	// wrote them. Whoever has them parsed sets Fields and Labels instead.
	FieldText, LabelText string
	Fields               fields.Requirements
	Labels               labels.Requirements
}

// Attributes returns what the request is about to do.
func (r *Request) Attributes() Attributes {
	a := Attributes{User: r.User, Verb: r.Verb, Path: r.Path, Resource: r.IsResource}
	if !r.IsResource {
		return a
	}
	a.Group, a.Version, a.Plural, a.Subresource, a.Namespace, a.Name = r.Group, r.Version, r.Resource, r.Subresource, r.Namespace, r.Name
	if a.Name == "" {
		a.Name = r.Selected
	}
	switch r.Verb {
	case "list", "watch", "deletecollection":
		a.FieldText, a.LabelText = r.Query.Get("fieldSelector"), r.Query.Get("labelSelector")
	}
	return a
}

// FieldRequirements are those of the field selector; an error says that it cannot be read.
func (a *Attributes) FieldRequirements() (fields.Requirements, error) {
	if a.FieldText == "" || len(a.Fields) > 0 {
		return a.Fields, nil
	}
	s, err := fields.ParseSelector(a.FieldText)
	if err != nil {
		return nil, err
	}
	return s.Requirements(), nil
}

// LabelRequirements are those of the label selector; an error says that it cannot be read.
func (a *Attributes) LabelRequirements() (labels.Requirements, error) {
	if a.LabelText == "" || len(a.Labels) > 0 {
		return a.Labels, nil
	}
	return labels.ParseToRequirements(a.LabelText)
}
