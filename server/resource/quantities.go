package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// The library that reads quantities computes with all their digits: one of twenty characters, "1E-2147483647", keeps it busy
// for hours. Such quantities are refused before it sees them. Only bodies that may hold one are looked at twice.
const (
	maxExponentDigits = 3
	maxQuantityDigits = 256
)

// errQuantity is what is said of everything that is no quantity.
var errQuantity = resource.ErrFormatWrong

// suspicious reports whether JSON may hold a number, in a text or not, that is out of all proportion. Hashes and uids are none:
// a number begins and ends where its text does.
func suspicious(data []byte) bool {
	digits := 0
	for i, c := range data {
		switch {
		case c >= '0' && c <= '9' || c == '.':
			if digits++; digits > maxQuantityDigits {
				return true
			}
			continue
		case (c == 'e' || c == 'E') && digits > 0:
			n, end := exponentDigits(data[i+1:])
			if n > maxExponentDigits && !inWord(end) && begins(data[:i-digits]) {
				return true
			}
		case c == '\\' && i+1 < len(data) && data[i+1] == 'u' && hides(data[i+2:]):
			return true
		}
		digits = 0
	}
	return false
}

// suspiciousMessage is suspicious for protobuf, where it cannot be seen where a text begins or ends.
func suspiciousMessage(data []byte) bool {
	digits := 0
	for i, c := range data {
		if c >= '0' && c <= '9' || c == '.' {
			if digits++; digits > maxQuantityDigits {
				return true
			}
			continue
		}
		if (c == 'e' || c == 'E') && digits > 0 {
			if n, _ := exponentDigits(data[i+1:]); n > maxExponentDigits {
				return true
			}
		}
		digits = 0
	}
	return false
}

// exponentDigits counts the digits that follow, behind a sign, and returns what follows them.
func exponentDigits(rest []byte) (n int, end byte) {
	if len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
		rest = rest[1:]
	}
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	if n < len(rest) {
		end = rest[n]
	}
	return n, end
}

func inWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.' || c == '_'
}

// begins reports whether a number may begin behind this.
func begins(before []byte) bool {
	return len(before) == 0 || bytes.IndexByte([]byte("\":,[{ \t\r\n+-"), before[len(before)-1]) >= 0
}

// hides reports whether the four digits of an escape stand for a character of a number.
func hides(rest []byte) bool {
	if len(rest) < 4 {
		return false
	}
	code, err := strconv.ParseUint(string(rest[:4]), 16, 16)
	return err == nil && code < 0x80 && strings.IndexByte("0123456789.eE+-", byte(code)) >= 0
}

// proportionate reports whether the library may be given this quantity.
func proportionate(text string) bool {
	if len(text) > 2*maxQuantityDigits {
		return false
	}
	if i := strings.IndexAny(text, "eE"); i > 0 {
		n, _ := exponentDigits([]byte(text[i+1:]))
		return n <= maxExponentDigits
	}
	return true
}

// checkQuantities refuses JSON in which a quantity of the type is out of all proportion.
func checkQuantities(data []byte, obj any) error {
	if !suspicious(data) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	err := (&quantityReader{fields: map[reflect.Type]map[string]reflect.Type{}}).read(d, reflect.TypeOf(obj))
	if errors.Is(err, errQuantity) {
		return err
	}
	return nil // what else is wrong with it, the decoder says
}

// checkQuantitiesOf is checkQuantities for what was YAML, or is the outcome of a patch.
func checkQuantitiesOf(value map[string]any, text []byte, obj any) error {
	if !suspicious(text) && bytes.IndexByte(text, '\\') < 0 { // an escape can hide anything
		return nil
	}
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return checkQuantities(data, obj)
}

var quantityType = reflect.TypeFor[resource.Quantity]()

// quantityReader reads JSON along a Go type. Doubled members are looked at each: the decoder reads each, too.
type quantityReader struct {
	fields map[reflect.Type]map[string]reflect.Type
}

// read reads one value. A nil type is one that nobody knows, in which there are no quantities.
func (q *quantityReader) read(d *json.Decoder, t reflect.Type) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		for d.More() {
			inner := t
			if v == '{' {
				name, err := d.Token()
				if err != nil {
					return err
				}
				inner = q.member(t, name.(string))
			} else if inner = nil; t != nil && t.Kind() == reflect.Slice {
				inner = t.Elem()
			}
			if err := q.read(d, inner); err != nil {
				return err
			}
		}
		_, err = d.Token()
		return err
	case string:
		if t == quantityType && !proportionate(v) {
			return errQuantity
		}
	case json.Number:
		if t == quantityType && !proportionate(v.String()) {
			return errQuantity
		}
	}
	return nil
}

func (q *quantityReader) member(t reflect.Type, name string) reflect.Type {
	switch {
	case t == nil || t == quantityType:
		return nil
	case t.Kind() == reflect.Map:
		return t.Elem()
	case t.Kind() != reflect.Struct:
		return nil
	}
	known, ok := q.fields[t]
	if !ok {
		known = map[string]reflect.Type{}
		q.fields[t] = known
		jsonFields(t, known)
	}
	return known[name]
}

func jsonFields(t reflect.Type, into map[string]reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" && f.Anonymous && f.Type.Kind() == reflect.Struct {
			jsonFields(f.Type, into)
		} else if name != "" {
			into[name] = f.Type
		}
	}
}
