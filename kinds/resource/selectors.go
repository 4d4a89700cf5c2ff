package resource

import (
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/expression"
)

// validateSelectors checks expressions that select devices. Those that are stored already are not compiled
// again.
func validateSelectors(selectors []resourcev1.DeviceSelector, stored bool, path *field.Path) field.ErrorList {
	return each(selectors, resourcev1.DeviceSelectorsMaxSize, path, func(s *resourcev1.DeviceSelector, path *field.Path) field.ErrorList {
		path = path.Child("cel")
		if s.CEL == nil {
			return field.ErrorList{field.Required(path, "")}
		}
		if stored {
			return nil
		}
		return validateExpression(s.CEL.Expression, path.Child("expression"))
	})
}

func validateExpression(text string, path *field.Path) field.ErrorList {
	if len(text) > resourcev1.CELSelectorExpressionMaxLength {
		return field.ErrorList{field.TooLong(path, "", resourcev1.CELSelectorExpressionMaxLength)}
	}
	switch problem, cost := expression.Device(text); {
	case problem != "":
		return field.ErrorList{field.Invalid(path, text, problem)}
	case cost > resourcev1.CELSelectorExpressionMaxCost:
		return field.ErrorList{field.Forbidden(path, "too complex, exceeds cost limit")}
	}
	return nil
}
