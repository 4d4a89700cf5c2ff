package resource

import (
	"context"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/api/validate"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// declared returns what the rules say that are declared with the types. kube-apiserver reports them after
// those it has by hand, so those files here that check by hand leave out what is declared.
func declared(kind operation.Type, check func(context.Context, operation.Operation) field.ErrorList) field.ErrorList {
	ctx := context.Background()
	op := operation.Operation{Type: kind, Options: map[string]bool{"DRAPartitionableDevicesType": false}}
	return validate.FilterEnforcedDeclarativeErrors(ctx, check(ctx, op), true)
}

// each checks the items of a list, unless there are more than most: that is declared, and enough said.
func each[T any](items []T, most int, path *field.Path, check func(item *T, path *field.Path) field.ErrorList) field.ErrorList {
	if len(items) > most {
		return nil
	}
	var errs field.ErrorList
	for i := range items {
		errs = append(errs, check(&items[i], path.Index(i))...)
	}
	return errs
}

// atMost is each for lists whose bound is not declared.
func atMost[T any](items []T, most int, path *field.Path, check func(item *T, path *field.Path) field.ErrorList) field.ErrorList {
	if len(items) > most {
		return field.ErrorList{field.TooMany(path, len(items), most)}
	}
	return each(items, most, path, check)
}

// distinct refuses what comes twice.
func distinct[T any](items []T, path *field.Path, key func(*T) string) field.ErrorList {
	var errs field.ErrorList
	seen := make(map[string]bool, len(items))
	for i := range items {
		k := key(&items[i])
		if seen[k] {
			errs = append(errs, field.Duplicate(path.Index(i), k))
		}
		seen[k] = true
	}
	return errs
}

// eachKey checks the entries of a map in the order of their keys; what is wrong with a key is reported
// at the map, what is wrong with a value at its key.
func eachKey[K ~string, V any](m map[K]V, path *field.Path, key func(K, *field.Path) field.ErrorList, value func(V, *field.Path) field.ErrorList) field.ErrorList {
	var errs field.ErrorList
	for _, k := range slices.Sorted(maps.Keys(m)) {
		errs = append(errs, key(k, path)...)
		errs = append(errs, value(m[k], path.Key(string(k)))...)
	}
	return errs
}

func checkLabel(name string, path *field.Path) field.ErrorList {
	return invalid(name, path, validation.IsDNS1123Label(name))
}

func checkSubdomain(name string, path *field.Path) field.ErrorList {
	return invalid(name, path, validation.IsDNS1123Subdomain(name))
}

func checkLabelKey(key string, path *field.Path) field.ErrorList {
	return invalid(key, path, validation.IsQualifiedName(key))
}

func checkLabelValue(value string, path *field.Path) field.ErrorList {
	return invalid(value, path, validation.IsValidLabelValue(value))
}

func invalid(value string, path *field.Path, messages []string) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range messages {
		errs = append(errs, field.Invalid(path, value, msg))
	}
	return errs
}
