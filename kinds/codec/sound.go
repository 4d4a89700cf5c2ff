package codec

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// A Checker finds in objects what protobuf can say and JSON cannot: an IntOrString that is neither, raw JSON that is
// none, a schema too deep to be read again. Stored, such an object could not be read by anybody, nor any list with it. The zero value is ready; its
// methods may be called by many goroutines at once.
type Checker struct {
	plans sync.Map // reflect.Type -> bool: whether a value of the type may hold such a thing
}

// Check returns what is wrong with an object that was decoded from protobuf.
func (c *Checker) Check(obj any) error { return c.check(reflect.ValueOf(obj), 0) }

// maxDepth is how deep schemas may be in schemas: JSON is read to a depth of 10,000 only.
const maxDepth = 5000

var (
	intOrString  = reflect.TypeFor[intstr.IntOrString]()
	rawExtension = reflect.TypeFor[runtime.RawExtension]()
	fieldsV1     = reflect.TypeFor[metav1.FieldsV1]()
	schemaJSON   = reflect.TypeFor[apiextensionsv1.JSON]()
)

func (c *Checker) check(v reflect.Value, depth int) error {
	if !c.concerns(v.Type()) {
		return nil
	}
	if depth++; depth > maxDepth {
		return errors.New("protobuf: messages are nested too deep")
	}
	switch v.Type() {
	case intOrString:
		if t := v.Field(0).Int(); t != int64(intstr.Int) && t != int64(intstr.String) {
			return fmt.Errorf("protobuf: an IntOrString of type %d", t)
		}
		return nil
	case rawExtension, fieldsV1, schemaJSON:
		if raw := v.FieldByName("Raw").Bytes(); len(raw) > 0 && !json.Valid(raw) {
			return fmt.Errorf("protobuf: a %s that is not JSON", v.Type().Name())
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return c.check(v.Elem(), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := c.check(v.Field(i), depth); err != nil {
				return err
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := c.check(v.Index(i), depth); err != nil {
				return err
			}
		}
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			if err := c.check(i.Value(), depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// concerns reports whether a value of the type may hold what is looked for.
func (c *Checker) concerns(t reflect.Type) bool {
	if known, ok := c.plans.Load(t); ok {
		return known.(bool)
	}
	found := mayHold(t, map[reflect.Type]bool{})
	c.plans.Store(t, found)
	return found
}

func mayHold(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch t {
	case intOrString, rawExtension, fieldsV1, schemaJSON:
		return true
	}
	if seen[t] {
		return false // it is being looked at: what it holds is found there
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return mayHold(t.Elem(), seen)
	case reflect.Map:
		return mayHold(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if mayHold(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
