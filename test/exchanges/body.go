package exchanges

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var variable = regexp.MustCompile(`\$(\{[A-Za-z][A-Za-z0-9]*\}|[A-Za-z][A-Za-z0-9]*)`)

// variables are what $NAME stands for.
type variables map[string]string

// expand replaces variables; one that is not known stays.
func (v variables) expand(s string) string {
	return variable.ReplaceAllStringFunc(s, func(name string) string {
		if value, ok := v[strings.Trim(name[1:], "{}")]; ok {
			return value
		}
		return name
	})
}

// build makes a body: strings are expanded, {$use: PIECE, ...} is a piece with the rest merged over it, and a
// key that begins with a dot sets what that path names.
func (v variables) build(value any, pieces map[string]any) any {
	switch value := value.(type) {
	case string:
		return v.expand(value)
	case []any:
		out := make([]any, len(value))
		for i := range value {
			out[i] = v.build(value[i], pieces)
		}
		return out
	case map[string]any:
		return v.buildObject(value, pieces)
	}
	return value
}

func (v variables) buildObject(value map[string]any, pieces map[string]any) any {
	var base any = map[string]any{}
	name, uses := value["$use"].(string)
	if uses {
		base = v.build(pieces[name], pieces)
	}
	over, paths := map[string]any{}, 0
	for _, k := range slices.Sorted(maps.Keys(value)) {
		switch {
		case k == "$use":
		case strings.HasPrefix(k, "."):
			paths++
			base = set(base, strings.Split(k[1:], "."), v.build(value[k], pieces))
		default:
			over[v.expand(k)] = v.build(value[k], pieces)
		}
	}
	if !uses && paths == 0 {
		return over // a plain object: its nulls are meant
	}
	return merge(base, over)
}

// set puts a value where a path of keys and indexes leads. An index past the end, or -, appends; null
// removes.
func set(v any, path []string, to any) any {
	if len(path) == 0 {
		return to
	}
	head, rest := path[0], path[1:]
	if i, err := strconv.Atoi(head); err == nil || head == "-" {
		list, _ := v.([]any)
		if head == "-" || i >= len(list) {
			return append(list, set(nil, rest, to))
		}
		list[i] = set(list[i], rest, to)
		return list
	}
	object, _ := v.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	if len(rest) == 0 && to == nil {
		delete(object, head)
	} else {
		object[head] = set(object[head], rest, to)
	}
	return object
}

// merge is a JSON merge patch (RFC 7386).
func merge(base, patch any) any {
	over, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := base.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for k, v := range over {
		if v == nil {
			delete(object, k)
		} else {
			object[k] = merge(object[k], v)
		}
	}
	return object
}
