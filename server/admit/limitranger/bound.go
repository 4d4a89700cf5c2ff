package limitranger

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A bound is one number of a LimitRange beside what is asked for.
type bound struct {
	kind                 corev1.LimitType
	name                 corev1.ResourceName
	value                resource.Quantity
	request, limit       resource.Quantity
	hasRequest, hasLimit bool
}

// values returns request, limit and bound as integers of one unit: thousandths where all three are small
// enough for it.
func (b bound) values() (request, limit, value int64) {
	request, limit, value = b.request.Value(), b.limit.Value(), b.value.Value()
	if request <= resource.MaxMilliValue && limit <= resource.MaxMilliValue && value <= resource.MaxMilliValue {
		return b.request.MilliValue(), b.limit.MilliValue(), b.value.MilliValue()
	}
	return request, limit, value
}

// Each method returns what is wrong, "" if nothing is.

func (b bound) min() string {
	request, limit, least := b.values()
	switch {
	case !b.hasRequest:
		return b.says("minimum %s usage per %s is %s.  No request is specified")
	case request < least:
		return b.says("minimum %s usage per %s is %s, but request is %s", b.request.String())
	case b.hasLimit && limit < least:
		return b.says("minimum %s usage per %s is %s, but limit is %s", b.limit.String())
	}
	return ""
}

func (b bound) max() string {
	request, limit, most := b.values()
	switch {
	case !b.hasLimit:
		return b.says("maximum %s usage per %s is %s.  No limit is specified")
	case limit > most:
		return b.says("maximum %s usage per %s is %s, but limit is %s", b.limit.String())
	case b.hasRequest && request > most:
		return b.says("maximum %s usage per %s is %s, but request is %s", b.request.String())
	}
	return ""
}

func (b bound) maxRequest() string {
	request, _, most := b.values()
	switch {
	case !b.hasRequest:
		return b.says("maximum %s usage per %s is %s.  No request is specified")
	case request > most:
		return b.says("maximum %s usage per %s is %s, but request is %s", b.request.String())
	}
	return ""
}

func (b bound) ratio() string {
	request, limit, most := b.values()
	switch {
	case !b.hasRequest || request == 0:
		return b.says("%s max limit to request ratio per %s is %s, but no request is specified or request is 0")
	case !b.hasLimit || limit == 0:
		return b.says("%s max limit to request ratio per %s is %s, but no limit is specified or limit is 0")
	}
	shown := float64(limit) / float64(request)
	ratio := shown
	if b.value.Value() <= resource.MaxMilliValue { // then most is in thousandths
		ratio *= 1000
		most = b.value.MilliValue()
	}
	if ratio > float64(most) {
		return b.says("%s max limit to request ratio per %s is %s, but provided ratio is %f", shown)
	}
	return ""
}

func (b bound) says(format string, more ...any) string {
	return fmt.Sprintf(format, append([]any{b.name, b.kind, b.value.String()}, more...)...)
}
