package exchanges

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// What differs from run to run, and what the recordings have in its place.
var (
	uid       = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	timestamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)
	token     = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)
	clusterIP = regexp.MustCompile(`\b10\.0\.\d+\.\d+\b`)
	version   = regexp.MustCompile(`(resourceVersion\\*":\\*")\d+`) // in a message that quotes an object
)

func normalise(a Answer, namespace string) Answer {
	n := normaliser{namespace}
	for i, w := range a.Warnings {
		a.Warnings[i] = n.text(w)
	}
	a.Body = n.value("", a.Body)
	for i := range a.Events {
		a.Events[i] = n.value("", a.Events[i])
	}
	return a
}

type normaliser struct{ namespace string }

func (n normaliser) text(s string) string {
	if n.namespace != "" {
		s = strings.ReplaceAll(s, n.namespace, "$NS")
	}
	s = uid.ReplaceAllString(s, "<uid>")
	s = timestamp.ReplaceAllString(s, "<time>")
	s = token.ReplaceAllString(s, "<token>")
	return clusterIP.ReplaceAllString(s, "<ip>")
}

func (n normaliser) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		prefix, _ := v["generateName"].(string)
		for k, x := range v {
			if s, ok := x.(string); ok && k == "name" && prefix != "" && strings.HasPrefix(s, prefix) {
				x = prefix + "<random>"
			}
			out[n.text(k)] = n.value(k, x)
		}
		return out
	case []any:
		for i := range v {
			v[i] = n.value(key, v[i])
		}
		return v
	case string:
		switch key {
		case "resourceVersion", "continue", "storageVersionHash":
			if v != "" && v != "0" {
				return "<" + key + ">"
			}
		}
		return n.text(v)
	case float64:
		if (key == "nodePort" || key == "healthCheckNodePort") && v >= 30000 && v <= 32767 {
			return "<nodePort>"
		}
	}
	return v
}

// differences lists where an answer is not the one wanted; nil for nowhere.
func differences(want, got *Answer, s *Step) []string {
	d := &differ{ignore: s.Ignore}
	if want.Code != got.Code {
		d.add("code", want.Code, fmt.Sprintf("%d %s", got.Code, show(lookup(got.Body, "message"))))
	}
	if s.Loose {
		return d.out
	}
	if want.Type != got.Type {
		d.add("Content-Type", want.Type, got.Type)
	}
	d.compare("Warning", plain(want.Warnings), plain(got.Warnings))
	d.compare("", sortManagers(plain(want.Body)), sortManagers(plain(got.Body)))
	d.compare("event", sortManagers(plain(want.Events)), sortManagers(plain(got.Events)))
	return d.out
}

type differ struct {
	ignore []string
	out    []string
}

func (d *differ) add(path string, want, got any) {
	d.out = append(d.out, fmt.Sprintf("%s: want %v, got %v", path, want, got))
}

func (d *differ) compare(path string, want, got any) {
	if slices.ContainsFunc(d.ignore, func(pattern string) bool { return covers(pattern, path) }) {
		return
	}
	wantMap, ok1 := want.(map[string]any)
	gotMap, ok2 := got.(map[string]any)
	if ok1 && ok2 {
		keys := maps.Clone(wantMap)
		maps.Copy(keys, gotMap)
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			d.compare(join(path, strings.ReplaceAll(k, ".", `\.`)), wantMap[k], gotMap[k])
		}
		return
	}
	wantList, ok1 := want.([]any)
	gotList, ok2 := got.([]any)
	if ok1 && ok2 {
		for i := range max(len(wantList), len(gotList)) {
			d.compare(join(path, strconv.Itoa(i)), at(wantList, i), at(gotList, i))
		}
		return
	}
	w, g := version.ReplaceAllString(show(want), "$1"), version.ReplaceAllString(show(got), "$1")
	if w != g {
		d.add(path, w, g)
	}
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// covers reports whether a pattern, in which * stands for any key or index, names the path.
func covers(pattern, path string) bool {
	p, have := split(pattern), split(path)
	if len(p) != len(have) {
		return false
	}
	for i := range p {
		if p[i] != "*" && p[i] != have[i] {
			return false
		}
	}
	return true
}

// split takes a dotted path apart; a backslash keeps a dot in a key.
func split(path string) []string {
	parts := strings.Split(strings.ReplaceAll(path, `\.`, "\x00"), ".")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "\x00", ".")
	}
	return parts
}

// lookup finds what a dotted path names, nil if nothing.
func lookup(v any, path string) any {
	for _, k := range split(path) {
		switch x := v.(type) {
		case map[string]any:
			v = x[k]
		case []any:
			i, err := strconv.Atoi(k)
			if err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// sortManagers orders lists of managedFields by their text: the server's order is by time, and seconds pass
// at different places from run to run.
func sortManagers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if list, ok := x.([]any); ok && k == "managedFields" {
				sort.Slice(list, func(i, j int) bool { return show(list[i]) < show(list[j]) })
				continue
			}
			sortManagers(x)
		}
	case []any:
		for _, x := range v {
			sortManagers(x)
		}
	}
	return v
}

// plain is a value as JSON has it.
func plain(v any) (out any) {
	js, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(js, &out)
	}
	if err != nil {
		panic(err) // it came out of JSON
	}
	return out
}

func show(v any) string {
	if v == nil {
		return "nothing"
	}
	js, err := json.Marshal(v)
	if err != nil {
		panic(err) // it came out of JSON
	}
	return string(js)
}
