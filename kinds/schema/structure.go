package schema

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	smd "sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

//go:embed structure.txt
var structureText string

// A structure finds types in the text of structure.txt and parses those that are asked for. It is safe
// for concurrent use.
type structure struct {
	text  string
	types map[string]int                     // name -> where its text begins
	kinds map[schema.GroupVersionKind]string // kind -> name
	done  sync.Map                           // schema.GroupVersionKind -> *typed.ParseableType
	mu    sync.Mutex                         // guards defs
	defs  map[string]smd.TypeDef             // types parsed so far; kinds share them
}

// newStructure notes where types begin; it parses none.
func newStructure(text string) (*structure, error) {
	s := &structure{
		text:  text,
		types: map[string]int{},
		kinds: map[schema.GroupVersionKind]string{},
		defs:  map[string]smd.TypeDef{},
	}
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			return nil, fmt.Errorf("structure: the last line is cut off")
		}
		line := text[at : at+end]
		if line != "" && line[0] != '\t' {
			head, _, found := strings.Cut(line, "\t")
			name, kinds, _ := strings.Cut(head, " ")
			if !found || name == "" {
				return nil, fmt.Errorf("structure: %q is neither a type nor a field", line)
			}
			s.types[name] = at
			for kind := range strings.FieldsSeq(kinds) {
				parts := strings.Split(kind, "/")
				if len(parts) != 3 {
					return nil, fmt.Errorf("structure: %q is not GROUP/VERSION/KIND", kind)
				}
				s.kinds[schema.GroupVersionKind{Group: parts[0], Version: parts[1], Kind: parts[2]}] = name
			}
		}
		at += end + 1
	}
	return s, nil
}

// kind returns what parses objects of a kind, nil if the kind is not built in. The same kind gets the
// same value every time: typed values can only be compared if they come from one.
func (s *structure) kind(gvk schema.GroupVersionKind) (*typed.ParseableType, error) {
	if t, ok := s.done.Load(gvk); ok {
		return t.(*typed.ParseableType), nil
	}
	name, ok := s.kinds[gvk]
	if !ok {
		return nil, nil
	}
	types, err := s.closure(name)
	if err != nil {
		return nil, err
	}
	t, _ := s.done.LoadOrStore(gvk, &typed.ParseableType{
		Schema:  &smd.Schema{Types: types},
		TypeRef: smd.TypeRef{NamedType: &name},
	})
	return t.(*typed.ParseableType), nil
}

// closure returns a type and all that it refers to.
func (s *structure) closure(name string) ([]smd.TypeDef, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []smd.TypeDef
	seen := map[string]bool{name: true}
	for todo := []string{name}; len(todo) > 0; {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		def, ok := s.defs[name]
		if !ok {
			var err error
			if def, err = s.parse(name); err != nil {
				return nil, err
			}
			s.defs[name] = def
		}
		out = append(out, def)
		eachReference(def.Atom, func(name string) {
			if !seen[name] {
				seen[name] = true
				todo = append(todo, name)
			}
		})
	}
	return out, nil
}

// parse parses one type.
func (s *structure) parse(name string) (smd.TypeDef, error) {
	if def, ok := freeForm(name); ok {
		return def, nil
	}
	at, ok := s.types[name]
	if !ok {
		return smd.TypeDef{}, fmt.Errorf("structure: there is no type %s", name)
	}
	line, rest, _ := strings.Cut(s.text[at:], "\n")
	_, notation, _ := strings.Cut(line, "\t")
	atom, err := parseAtom(notation)
	if err != nil {
		return smd.TypeDef{}, fmt.Errorf("structure: %s: %w", name, err)
	}
	for strings.HasPrefix(rest, "\t") {
		line, rest, _ = strings.Cut(rest, "\n")
		field, err := parseField(line[1:])
		if err == nil && atom.Map == nil {
			err = fmt.Errorf("a field, but the type is not a map")
		}
		if err != nil {
			return smd.TypeDef{}, fmt.Errorf("structure: %s: %q: %w", name, line, err)
		}
		atom.Map.Fields = append(atom.Map.Fields, field)
	}
	return smd.TypeDef{Name: name, Atom: atom}, nil
}

// eachReference calls f with the name of every type that an atom refers to.
func eachReference(a smd.Atom, f func(name string)) {
	ref := func(r smd.TypeRef) {
		if r.NamedType != nil {
			f(*r.NamedType)
		} else {
			eachReference(r.Inlined, f)
		}
	}
	if a.List != nil {
		ref(a.List.ElementType)
	}
	if a.Map != nil {
		ref(a.Map.ElementType)
		for _, field := range a.Map.Fields {
			ref(field.Type)
		}
	}
}
