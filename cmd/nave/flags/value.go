package flags

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/nave-k8s/nave/server/allocate"
)

// A value is that of a flag without effect: it must still be of the flag's type.
type value struct{ typ, text string }

func newValue(typ, text string) (*value, error) {
	v := &value{typ: typ}
	if text == "" {
		return v, nil
	}
	return v, v.Set(text)
}

func (v *value) Set(text string) (err error) {
	switch v.typ {
	case "bool":
		_, err = strconv.ParseBool(text)
	case "int", "int32":
		_, err = strconv.Atoi(text)
	case "float", "float32":
		_, err = strconv.ParseFloat(text, 64)
	case "duration":
		_, err = time.ParseDuration(text)
	case "quantity":
		_, err = resource.ParseQuantity(text)
	case "mapStringString", "stringToString":
		for pair := range strings.SplitSeq(strings.Trim(text, "{}[]"), ",") {
			if pair != "" && !strings.Contains(pair, "=") {
				return fmt.Errorf("%q is not key=value", pair)
			}
		}
	}
	if err == nil {
		v.text = text
	}
	return err
}

func (v *value) String() string {
	if v.text == "" {
		switch v.typ {
		case "strings":
			return "[]"
		case "mapStringString":
			return "{}"
		}
	}
	return v.text
}

// Type is the name that --help shows; pflag knows some under another.
func (v *value) Type() string {
	switch v.typ {
	case "strings":
		return "stringSlice"
	case "float":
		return "float64"
	}
	return v.typ
}

// portRange is the flag --service-node-port-range: FIRST-LAST or FIRST+COUNT.
type portRange allocate.PortRange

func (r *portRange) Set(text string) error {
	parsed, err := allocate.ParsePortRange(text)
	if err == nil {
		*r = portRange(parsed)
	}
	return err
}

func (r *portRange) String() string { return fmt.Sprintf("%d-%d", r.First, r.Last) }

func (r *portRange) Type() string { return "portRange" }

// level is the flag --v.
type level int

func (l *level) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err == nil {
		*l = level(n)
	}
	return err
}

func (l *level) String() string { return strconv.Itoa(int(*l)) }

func (l *level) Type() string { return "Level" }
