package apiextensions

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/internalname"
)

// shared are the parts of versions that all versions have alike. kube-apiserver holds them once for the
// whole definition: errors about them have a path of their own, and a printed version does not have them.
type shared struct{ schema, subresources, columns, selectable bool }

func sharedParts(versions []apiextensionsv1.CustomResourceDefinitionVersion) shared {
	s := shared{true, true, true, true}
	for i := 1; i < len(versions); i++ {
		a, b := &versions[0], &versions[i]
		s.schema = s.schema && equality.Semantic.DeepEqual(a.Schema, b.Schema)
		s.subresources = s.subresources && equality.Semantic.DeepEqual(a.Subresources, b.Subresources)
		s.columns = s.columns && equality.Semantic.DeepEqual(a.AdditionalPrinterColumns, b.AdditionalPrinterColumns)
		s.selectable = s.selectable && equality.Semantic.DeepEqual(a.SelectableFields, b.SelectableFields)
	}
	return s
}

// printed is how an error shows the versions.
func (s shared) printed(versions []apiextensionsv1.CustomResourceDefinitionVersion) any {
	versions = slices.Clone(versions)
	for i := range versions {
		if s.schema {
			versions[i].Schema = nil
		}
		if s.subresources {
			versions[i].Subresources = nil
		}
		if s.columns {
			versions[i].AdditionalPrinterColumns = nil
		}
		if s.selectable {
			versions[i].SelectableFields = nil
		}
	}
	return internalname.Value(versions)
}

func validateVersions(spec *apiextensionsv1.CustomResourceDefinitionSpec, s shared, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	list := path.Child("versions")
	names, storage := map[string]bool{}, 0
	for i := range spec.Versions {
		v, path := &spec.Versions[i], list.Index(i)
		names[v.Name] = true
		if v.Storage {
			storage++
		}
		if msgs := validation.IsDNS1035Label(v.Name); len(msgs) > 0 {
			errs = append(errs, field.Invalid(path.Child("name"), v.Name, strings.Join(msgs, ",")))
		}
		errs = append(errs, validateDeprecation(v, path.Child("deprecationWarning"))...)
		if v.Schema == nil || v.Schema.OpenAPIV3Schema == nil {
			errs = append(errs, field.Required(path.Child("schema", "openAPIV3Schema"), ""))
		}
		errs = append(errs, validateParts(v, shared{!s.schema, !s.subresources, !s.columns, !s.selectable}, path)...)
	}
	if len(names) != len(spec.Versions) {
		errs = append(errs, field.Invalid(list, s.printed(spec.Versions), "must contain unique version names"))
	}
	if storage != 1 {
		errs = append(errs, field.Invalid(list, s.printed(spec.Versions), "must have exactly one version marked as storage version"))
	}
	if len(spec.Versions) > 0 && spec.Versions[0].Name != "" { // which upstream holds apart, too
		if name := spec.Versions[0].Name; len(validation.IsDNS1035Label(name)) > 0 {
			errs = append(errs, field.Invalid(path.Child("version"), name, strings.Join(validation.IsDNS1035Label(name), ",")))
		}
	}
	return errs
}

func validateDeprecation(v *apiextensionsv1.CustomResourceDefinitionVersion, path *field.Path) field.ErrorList {
	if v.DeprecationWarning == nil {
		return nil
	}
	text, most := *v.DeprecationWarning, 256
	var errs field.ErrorList
	bad := func(msg string) { errs = append(errs, field.Invalid(path, text, msg)) }
	if !v.Deprecated {
		bad("can only be set for deprecated versions")
	}
	if text == "" {
		bad("must not be an empty string")
	}
	if len(text) > most {
		bad(fmt.Sprintf("must be <= %d characters long", most))
	}
	for i, r := range text {
		if !unicode.IsPrint(r) {
			bad(fmt.Sprintf("must only contain printable UTF-8 characters; non-printable character found at index %d", i))
			break
		}
	}
	return errs
}

// validateParts checks those parts of a version that which names.
func validateParts(v *apiextensionsv1.CustomResourceDefinitionVersion, which shared, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if which.subresources {
		errs = append(errs, validateScale(v.Subresources, path.Child("subresources", "scale"))...)
	}
	if which.columns {
		for i := range v.AdditionalPrinterColumns {
			errs = append(errs, validateColumn(&v.AdditionalPrinterColumns[i], path.Child("additionalPrinterColumns").Index(i))...)
		}
	}
	if which.selectable {
		errs = append(errs, validateSelectable(v.SelectableFields, path.Child("selectableFields"))...)
	}
	return errs
}

// validateStoredVersions checks that no version is lost in which objects are stored.
func validateStoredVersions(obj *apiextensionsv1.CustomResourceDefinition, path *field.Path) field.ErrorList {
	stored := obj.Status.StoredVersions
	if len(stored) == 0 {
		return field.ErrorList{field.Invalid(path, stored, "must have at least one stored version")}
	}
	var errs field.ErrorList
	left := make(map[string]bool, len(stored)) // those that no version was found for
	for _, name := range stored {
		left[name] = true
	}
	for _, v := range obj.Spec.Versions {
		if v.Storage && !left[v.Name] {
			errs = append(errs, field.Invalid(path, stored, "must have the storage version "+v.Name))
		}
		delete(left, v.Name)
	}
	for i, name := range stored {
		if left[name] {
			errs = append(errs, field.Invalid(path.Index(i), name, fmt.Sprintf("missing from spec.versions; %s was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in %s and removes %s from status.storedVersions", name, name, name)))
		}
	}
	return errs
}
