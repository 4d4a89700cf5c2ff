package admit

import (
	"context"

	"github.com/nave-k8s/nave/kinds"
)

// DefaultClass returns the name of the class that one of the annotations marks as the default: of several the
// newest, of equally new ones the first by name. It is "" if there is none.
func DefaultClass(ctx context.Context, reader Reader, group, plural string, annotations ...string) (string, error) {
	all, err := reader.List(ctx, group, plural, "")
	if err != nil {
		return "", err
	}
	var found kinds.Object
	for _, obj := range all {
		if !annotated(obj, annotations) {
			continue
		}
		if found == nil || newer(obj, found) {
			found = obj
		}
	}
	if found == nil {
		return "", nil
	}
	return found.GetName(), nil
}

func annotated(obj kinds.Object, annotations []string) bool {
	for _, key := range annotations {
		if obj.GetAnnotations()[key] == "true" {
			return true
		}
	}
	return false
}

func newer(a, b kinds.Object) bool {
	at, bt := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if at.Unix() == bt.Unix() {
		return a.GetName() < b.GetName()
	}
	return at.After(bt.Time)
}
