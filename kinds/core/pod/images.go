package pod

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

func validateImageSpace(image string, path *field.Path) field.ErrorList {
	if image != strings.TrimSpace(image) {
		return field.ErrorList{field.Invalid(path, image, "must not have leading or trailing whitespace")}
	}
	return nil
}
