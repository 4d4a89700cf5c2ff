package resource

import (
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

// applyConfiguration is server-side apply (KEP-555).
func (p *patch) applyConfiguration(fields *managedfields.FieldManager, live kinds.Object) (kinds.Object, error) {
	config := &unstructured.Unstructured{Object: map[string]any{}}
	if err := checkAliases(p.data, maxExpanded); apierrors.IsRequestEntityTooLargeError(err) {
		return nil, err
	} else if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding YAML: %v", err))
	}
	if err := yaml.Unmarshal(p.data, &config.Object); err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding YAML: %v", err))
	}
	if err := checkQuantitiesOf(config.Object, p.data, live); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if err := checkBulkValue(config.Object); err != nil {
		return nil, err
	}
	if !p.lenient() {
		if err := yaml.UnmarshalStrict(p.data, &map[string]any{}); err != nil {
			complaint := fmt.Errorf("error strict decoding YAML: %w", err)
			if p.options.FieldValidation == metav1.FieldValidationStrict {
				return nil, apierrors.NewBadRequest(complaint.Error())
			}
			if err := complain(p.r, p.options.FieldValidation, []error{complaint}); err != nil {
				return nil, err
			}
		}
	}
	if name := config.GetName(); name == "" && live.GetName() == "" {
		config.SetName(p.r.Name)
	}
	force := p.options.Force != nil && *p.options.Force
	obj, err := fields.Apply(live, config, p.options.FieldManager, force)
	if err != nil {
		return nil, err
	}
	return obj.(kinds.Object), nil
}

// internalOp gives the type of an operation the name that clients see in kube-apiserver's errors.
func internalOp(text string) string {
	return strings.ReplaceAll(text, "resource.jsonPatchOp", "handlers.jsonPatchOp")
}
