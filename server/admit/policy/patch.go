package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"google.golang.org/protobuf/types/known/structpb"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/cel/mutation"
	"k8s.io/apiserver/pkg/cel/mutation/dynamic"
)

// patch applies a list of JSONPatch to the object. A test in it that does not hold leaves the object as it is.
func (n *names) patch(value ref.Val) (changed bool, err error) {
	operations, err := operationsOf(value)
	if err != nil {
		return false, err
	}
	before, _, err := n.view.JSON()
	if err != nil {
		return false, fmt.Errorf("failed to create JSON patch: %w", err)
	}
	after, err := operations.Apply(before)
	if errors.Is(err, jsonpatch.ErrTestFailed) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("JSON Patch: %w", err)
	}
	if changed, err = n.view.ReplaceStrictly(after); err != nil {
		return false, apierrors.NewInternalError(err)
	}
	return changed, nil
}

func operationsOf(value ref.Val) (jsonpatch.Patch, error) {
	list, ok := value.(traits.Lister)
	if !ok {
		return nil, errors.New("type mismatch: JSONPatchType.expression should evaluate to array")
	}
	var out jsonpatch.Patch
	for it := list.Iterator(); it.HasNext() == types.True; {
		one, ok := it.Next().(*mutation.JSONPatchVal)
		if !ok {
			return nil, errors.New("type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch")
		}
		operation, err := operationOf(one)
		if err != nil {
			return nil, err
		}
		out = append(out, operation)
	}
	return out, nil
}

func operationOf(one *mutation.JSONPatchVal) (jsonpatch.Operation, error) {
	out := jsonpatch.Operation{}
	for name, text := range map[string]string{"op": one.Op, "path": one.Path, "from": one.From} {
		if name == "from" && text == "" {
			continue
		}
		raw, err := json.Marshal(text)
		if err != nil {
			return nil, err
		}
		out[name] = (*json.RawMessage)(&raw)
	}
	if one.Val == nil {
		return out, nil
	}
	if object, ok := one.Val.(*dynamic.ObjectVal); ok {
		if err := object.CheckTypeNamesMatchFieldPathNames(); err != nil {
			return nil, fmt.Errorf("type mismatch: %w", err)
		}
	}
	native, err := one.Val.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	if err != nil {
		return nil, fmt.Errorf("JSONPath valueExpression evaluated to a type that could not marshal to JSON: %w", err)
	}
	raw, err := json.Marshal(native)
	if err != nil {
		return nil, fmt.Errorf("JSONPath valueExpression evaluated to a type that could not marshal to JSON: %w", err)
	}
	out["value"] = (*json.RawMessage)(&raw)
	return out, nil
}
