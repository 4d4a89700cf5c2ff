package resource

import (
	"encoding/json"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateConfig checks the parameters of a driver; its name is declared. The bound on their size does
// not hold for those that are stored already.
func validateConfig(config *resourcev1.DeviceConfiguration, stored bool, path *field.Path) field.ErrorList {
	path = path.Child("opaque")
	if config.Opaque == nil {
		return field.ErrorList{field.Required(path, "")}
	}
	limit := resourcev1.OpaqueParametersMaxLength
	if stored {
		limit = len(config.Opaque.Parameters.Raw)
	}
	return validateObject(&config.Opaque.Parameters, limit, path.Child("parameters"))
}

// validateObject checks data of a driver, which must be a JSON object.
func validateObject(data *runtime.RawExtension, limit int, path *field.Path) field.ErrorList {
	const omitted = "<value omitted>"
	switch {
	case len(data.Raw) == 0:
		return field.ErrorList{field.Required(path, "")}
	case len(data.Raw) > limit:
		return field.ErrorList{field.TooLong(path, "", limit)}
	}
	var value any
	if err := json.Unmarshal(data.Raw, &value); err != nil {
		return field.ErrorList{field.Invalid(path, omitted, "error parsing data as JSON: "+err.Error())}
	}
	switch value.(type) {
	case map[string]any:
		return nil
	case nil:
		return field.ErrorList{field.Required(path, "")}
	}
	return field.ErrorList{field.Invalid(path, omitted, "must be a valid JSON object")}
}
