package request

import (
	"net/url"
	"strings"
)

// Query is the parameters of a URL. Of duplicates the first counts.
type Query map[string][]string

// ParseQuery reads a raw query as kube-apiserver does: a part that cannot be read is dropped.
func ParseQuery(raw string) Query {
	if raw == "" {
		return nil
	}
	values, _ := url.ParseQuery(raw) // what could be read, the rest dropped
	return Query(values)
}

// Get returns the first value, "" if there is none.
func (q Query) Get(name string) string {
	if v := q[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Has reports whether the parameter is there, with or without a value.
func (q Query) Has(name string) bool { _, ok := q[name]; return ok }

// Bool reads a boolean: it is false when absent, "0" or "false" in any case, and true otherwise.
func (q Query) Bool(name string) bool {
	v, ok := q[name]
	if !ok || len(v) == 0 {
		return false
	}
	return v[0] != "0" && !strings.EqualFold(v[0], "false")
}
