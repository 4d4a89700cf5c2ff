package apiextensions

import (
	"fmt"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const simplePath = "must be a simple json path starting with ."

// validateScale checks where scale finds replicas.
func validateScale(s *apiextensionsv1.CustomResourceSubresources, path *field.Path) field.ErrorList {
	if s == nil || s.Scale == nil {
		return nil
	}
	errs := validateReplicasPath(s.Scale.SpecReplicasPath, ".spec", path.Child("specReplicasPath"))
	errs = append(errs, validateReplicasPath(s.Scale.StatusReplicasPath, ".status", path.Child("statusReplicasPath"))...)
	if p := s.Scale.LabelSelectorPath; p != nil && *p != "" {
		path := path.Child("labelSelectorPath")
		if !strings.HasPrefix(*p, ".") {
			errs = append(errs, field.Invalid(path, *p, simplePath))
		} else if !strings.HasPrefix(*p, ".spec.") && !strings.HasPrefix(*p, ".status.") {
			errs = append(errs, field.Invalid(path, *p, "should be a json path under either .spec or .status"))
		}
	}
	return errs
}

func validateReplicasPath(p, under string, path *field.Path) field.ErrorList {
	switch {
	case p == "":
		return field.ErrorList{field.Required(path, "")}
	case !strings.HasPrefix(p, "."):
		return field.ErrorList{field.Invalid(path, p, simplePath)}
	case !strings.HasPrefix(p, under+"."):
		return field.ErrorList{field.Invalid(path, p, "should be a json path under "+under)}
	}
	return nil
}

// What a column may hold.
const (
	columnTypes   = "boolean,date,integer,number,string"
	columnFormats = "byte,date,date-time,double,float,int32,int64,password"
)

func validateColumn(c *apiextensionsv1.CustomResourceColumnDefinition, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if c.Name == "" {
		errs = append(errs, field.Required(path.Child("name"), ""))
	}
	if kind := path.Child("type"); c.Type == "" {
		errs = append(errs, field.Required(kind, "must be one of "+columnTypes))
	} else if !slices.Contains(strings.Split(columnTypes, ","), c.Type) {
		errs = append(errs, field.Invalid(kind, c.Type, "must be one of "+columnTypes))
	}
	if c.Format != "" && !slices.Contains(strings.Split(columnFormats, ","), c.Format) {
		errs = append(errs, field.Invalid(path.Child("format"), c.Format, "must be one of "+columnFormats))
	}
	if p := path.Child("JSONPath"); c.JSONPath == "" {
		errs = append(errs, field.Required(p, ""))
	} else if !strings.HasPrefix(c.JSONPath, ".") {
		errs = append(errs, field.Invalid(p, c.JSONPath, simplePath))
	}
	return errs
}

// maxSelectable bounds the fields that clients can select by.
const maxSelectable = 8

// validateSelectable checks the form of the paths of selectable fields.
func validateSelectable(fields []apiextensionsv1.SelectableField, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(fields) > maxSelectable {
		errs = append(errs, field.TooMany(path, len(fields), maxSelectable))
	}
	for i := range fields {
		p, path := fields[i].JSONPath, path.Index(i).Child("jsonPath")
		switch {
		case p == "":
			errs = append(errs, field.Required(path, ""))
			continue
		case p[0] != '.' && p[0] != '[':
			errs = append(errs, field.Invalid(path, p, fmt.Sprintf("is an invalid path: expected [ or . but got: %s", p)))
		}
		if slices.ContainsFunc(fields[:i], func(f apiextensionsv1.SelectableField) bool { return f.JSONPath == p }) {
			errs = append(errs, field.Duplicate(path, p))
		}
	}
	return errs
}
