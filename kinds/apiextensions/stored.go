package apiextensions

import (
	"encoding/json"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// Definitions are kept in etcd as apiextensions.k8s.io/v1beta1, the form in which kube-apiserver keeps
// them. The types below are that form. Schemas, names and status are the same in both versions, so they
// are the v1 types. Where all versions agree on a schema, subresources, columns or selectable fields,
// these stand once, at the top of spec.

const storedVersion = "apiextensions.k8s.io/v1beta1"

type storedDefinition struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              storedSpec                                     `json:"spec"`
	Status            apiextensionsv1.CustomResourceDefinitionStatus `json:"status,omitempty"`
}

type storedSpec struct {
	Group                 string                                        `json:"group"`
	Version               string                                        `json:"version,omitempty"`
	Names                 apiextensionsv1.CustomResourceDefinitionNames `json:"names"`
	Scope                 apiextensionsv1.ResourceScope                 `json:"scope"`
	Validation            *apiextensionsv1.CustomResourceValidation     `json:"validation,omitempty"`
	Subresources          *apiextensionsv1.CustomResourceSubresources   `json:"subresources,omitempty"`
	Versions              []storedVersionSpec                           `json:"versions,omitempty"`
	Columns               []storedColumn                                `json:"additionalPrinterColumns,omitempty"`
	SelectableFields      []apiextensionsv1.SelectableField             `json:"selectableFields,omitempty"`
	Conversion            *storedConversion                             `json:"conversion,omitempty"`
	PreserveUnknownFields *bool                                         `json:"preserveUnknownFields,omitempty"`
}

type storedVersionSpec struct {
	Name               string                                      `json:"name"`
	Served             bool                                        `json:"served"`
	Storage            bool                                        `json:"storage"`
	Deprecated         bool                                        `json:"deprecated,omitempty"`
	DeprecationWarning *string                                     `json:"deprecationWarning,omitempty"`
	Schema             *apiextensionsv1.CustomResourceValidation   `json:"schema,omitempty"`
	Subresources       *apiextensionsv1.CustomResourceSubresources `json:"subresources,omitempty"`
	Columns            []storedColumn                              `json:"additionalPrinterColumns,omitempty"`
	SelectableFields   []apiextensionsv1.SelectableField           `json:"selectableFields,omitempty"`
}

type storedColumn struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Format      string `json:"format,omitempty"`
	Description string `json:"description,omitempty"`
	Priority    int32  `json:"priority,omitempty"`
	JSONPath    string `json:"JSONPath"`
}

type storedConversion struct {
	Strategy                 apiextensionsv1.ConversionStrategyType `json:"strategy"`
	WebhookClientConfig      *apiextensionsv1.WebhookClientConfig   `json:"webhookClientConfig,omitempty"`
	ConversionReviewVersions []string                               `json:"conversionReviewVersions,omitempty"`
}

// encodeStored returns the bytes to keep for a definition.
func encodeStored(o kinds.Object) ([]byte, error) {
	obj := o.(*apiextensionsv1.CustomResourceDefinition)
	keep := obj.Spec.PreserveUnknownFields
	out := storedDefinition{
		TypeMeta:   metav1.TypeMeta{Kind: "CustomResourceDefinition", APIVersion: storedVersion},
		ObjectMeta: obj.ObjectMeta,
		Spec: storedSpec{
			Group:                 obj.Spec.Group,
			Names:                 obj.Spec.Names,
			Scope:                 obj.Spec.Scope,
			Versions:              make([]storedVersionSpec, len(obj.Spec.Versions)),
			PreserveUnknownFields: &keep,
		},
		Status: obj.Status,
	}
	if c := obj.Spec.Conversion; c != nil {
		out.Spec.Conversion = &storedConversion{Strategy: c.Strategy}
		if c.Webhook != nil {
			out.Spec.Conversion.WebhookClientConfig = c.Webhook.ClientConfig
			out.Spec.Conversion.ConversionReviewVersions = c.Webhook.ConversionReviewVersions
		}
	}
	for i, v := range obj.Spec.Versions {
		out.Spec.Versions[i] = storedVersionSpec{
			Name: v.Name, Served: v.Served, Storage: v.Storage,
			Deprecated: v.Deprecated, DeprecationWarning: v.DeprecationWarning,
			Schema: v.Schema, Subresources: v.Subresources,
			Columns: toStoredColumns(v.AdditionalPrinterColumns), SelectableFields: v.SelectableFields,
		}
	}
	out.Spec.lift()
	return json.Marshal(&out)
}

// lift moves to the top of spec what all versions have in common.
func (s *storedSpec) lift() {
	if len(s.Versions) == 0 {
		return
	}
	first := s.Versions[0]
	s.Version = first.Name
	same := struct{ schema, subresources, columns, fields bool }{true, true, true, true}
	for _, v := range s.Versions[1:] {
		same.schema = same.schema && equality.Semantic.DeepEqual(v.Schema, first.Schema)
		same.subresources = same.subresources && equality.Semantic.DeepEqual(v.Subresources, first.Subresources)
		same.columns = same.columns && equality.Semantic.DeepEqual(v.Columns, first.Columns)
		same.fields = same.fields && equality.Semantic.DeepEqual(v.SelectableFields, first.SelectableFields)
	}
	for i := range s.Versions {
		v := &s.Versions[i]
		if same.schema {
			s.Validation, v.Schema = first.Schema, nil
		}
		if same.subresources {
			s.Subresources, v.Subresources = first.Subresources, nil
		}
		if same.columns {
			s.Columns, v.Columns = first.Columns, nil
		}
		if same.fields {
			s.SelectableFields, v.SelectableFields = first.SelectableFields, nil
		}
	}
}

// decodeStored reads what encodeStored or kube-apiserver wrote, and v1 too, which a later kube-apiserver
// may write.
func decodeStored(data []byte) (kinds.Object, error) {
	var meta metav1.TypeMeta
	if err := json.Unmarshal(data, &meta); err != nil {
		return nil, err
	}
	obj := &apiextensionsv1.CustomResourceDefinition{}
	switch meta.APIVersion {
	case storedVersion:
	case groupVersion:
		if err := json.Unmarshal(data, obj); err != nil {
			return nil, err
		}
		obj.TypeMeta = metav1.TypeMeta{}
		return obj, nil
	default:
		return nil, fmt.Errorf("a stored CustomResourceDefinition of version %q", meta.APIVersion)
	}
	var in storedDefinition
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	obj.ObjectMeta, obj.Status = in.ObjectMeta, in.Status
	in.Spec.served(&obj.Spec)
	return obj, nil
}

// served writes the stored spec to a v1 one.
func (s *storedSpec) served(out *apiextensionsv1.CustomResourceDefinitionSpec) {
	out.Group, out.Names, out.Scope = s.Group, s.Names, s.Scope
	// Absent means true in v1beta1: such definitions were written before there was the field.
	out.PreserveUnknownFields = s.PreserveUnknownFields == nil || *s.PreserveUnknownFields
	out.Conversion = &apiextensionsv1.CustomResourceConversion{Strategy: apiextensionsv1.NoneConverter}
	if c := s.Conversion; c != nil {
		out.Conversion.Strategy = c.Strategy
		if c.WebhookClientConfig != nil || c.ConversionReviewVersions != nil {
			out.Conversion.Webhook = &apiextensionsv1.WebhookConversion{ClientConfig: c.WebhookClientConfig, ConversionReviewVersions: c.ConversionReviewVersions}
		}
	}
	versions := s.Versions
	if len(versions) == 0 && s.Version != "" {
		versions = []storedVersionSpec{{Name: s.Version, Served: true, Storage: true}}
	}
	for _, v := range versions {
		if s.Validation != nil {
			v.Schema = s.Validation
		}
		if s.Subresources != nil {
			v.Subresources = s.Subresources
		}
		if s.Columns != nil {
			v.Columns = s.Columns
		}
		if s.SelectableFields != nil {
			v.SelectableFields = s.SelectableFields
		}
		out.Versions = append(out.Versions, apiextensionsv1.CustomResourceDefinitionVersion{
			Name: v.Name, Served: v.Served, Storage: v.Storage,
			Deprecated: v.Deprecated, DeprecationWarning: v.DeprecationWarning,
			// Versions must not share what they hold: a patch changes one of them in place.
			Schema: v.Schema.DeepCopy(), Subresources: v.Subresources.DeepCopy(),
			AdditionalPrinterColumns: fromStoredColumns(v.Columns), SelectableFields: v.SelectableFields,
		})
	}
}

func toStoredColumns(in []apiextensionsv1.CustomResourceColumnDefinition) []storedColumn {
	if in == nil {
		return nil
	}
	out := make([]storedColumn, len(in))
	for i, c := range in {
		out[i] = storedColumn(c)
	}
	return out
}

func fromStoredColumns(in []storedColumn) []apiextensionsv1.CustomResourceColumnDefinition {
	if in == nil {
		return nil
	}
	out := make([]apiextensionsv1.CustomResourceColumnDefinition, len(in))
	for i, c := range in {
		out[i] = apiextensionsv1.CustomResourceColumnDefinition(c)
	}
	return out
}
