package schema

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

//go:embed definitions/*.gz
var definitionFiles embed.FS

//go:embed versions.txt
var versionsText string

// A Definition is the published schema of one type. Its bytes belong to the caller.
type Definition struct {
	Name string // "io.k8s.api.core.v1.Pod"
	// References are the names of the definitions that this one refers to, sorted.
	References []string
	// V3 and V2 are the schema in these versions of OpenAPI: JSON objects, in which references begin with
	// #/components/schemas/ and #/definitions/.
	V3, V2 []byte
	// EveryVersion: the type is a kind of every group version. The schema leaves it to the document to
	// say of which (x-kubernetes-group-version-kind).
	EveryVersion bool
}

// Definitions finds published schemas. It keeps names alone; schemas are unpacked when they are read.
type Definitions struct {
	kinds  map[schema.GroupVersionKind]string
	digest func() string
}

// NewDefinitions returns the definitions of all published types.
func NewDefinitions() (*Definitions, error) {
	s, err := newStructure(structureText)
	if err != nil {
		return nil, err
	}
	return &Definitions{kinds: s.kinds, digest: sync.OnceValue(digest)}, nil
}

// Digest changes when any definition does.
func (d *Definitions) Digest() string { return d.digest() }

func digest() string {
	h := sha256.New()
	files, err := definitionFiles.ReadDir("definitions")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, f := range files {
		text, err := definitionFiles.ReadFile("definitions/" + f.Name())
		if err != nil {
			panic(err) // it is embedded
		}
		h.Write(text) //nolint:errcheck // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Name returns the name of a kind's definition, "" if there is none.
func (d *Definitions) Name(kind schema.GroupVersionKind) string { return d.kinds[kind] }

// Read returns the definitions of the given names and all that they refer to, sorted by name.
func (d *Definitions) Read(names []string) ([]Definition, error) {
	files := map[string]map[string]Definition{} // by API package
	seen := map[string]bool{}
	var out []Definition
	for todo := slices.Clone(names); len(todo) > 0; {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[name] {
			continue
		}
		seen[name] = true
		pkg := name[:max(strings.LastIndexByte(name, '.'), 0)]
		if files[pkg] == nil {
			all, err := readFile(pkg)
			if err != nil {
				return nil, fmt.Errorf("there is no definition %s: %w", name, err)
			}
			files[pkg] = all
		}
		def, ok := files[pkg][name]
		if !ok {
			return nil, fmt.Errorf("there is no definition %s", name)
		}
		out = append(out, def)
		todo = append(todo, def.References...)
	}
	slices.SortFunc(out, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// readFile returns all definitions of an API package.
func readFile(pkg string) (map[string]Definition, error) {
	packed, err := definitionFiles.ReadFile("definitions/" + pkg + ".gz")
	if err != nil {
		return nil, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, err
	}
	return parseDefinitions(text)
}

// parseDefinitions reads what the generator writes: four lines for each definition.
func parseDefinitions(text []byte) (map[string]Definition, error) {
	out := map[string]Definition{}
	for len(text) > 0 {
		var lines [4][]byte
		for i := range lines {
			var ok bool
			if lines[i], text, ok = bytes.Cut(text, []byte{'\n'}); !ok {
				return nil, fmt.Errorf("definitions: the last one is cut off")
			}
		}
		name := string(lines[0])
		out[name] = Definition{
			Name:         name,
			References:   strings.Fields(string(lines[1])),
			V3:           lines[2],
			V2:           lines[3],
			EveryVersion: name == "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions" || name == "io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent",
		}
	}
	return out, nil
}

// GroupVersions returns the group versions that a Definition with EveryVersion is a kind of: all of them,
// or those that clients written in Go know.
func GroupVersions(clientsOnly bool) []schema.GroupVersion {
	var out []schema.GroupVersion
	for line := range strings.Lines(versionsText) {
		name, mark, _ := strings.Cut(strings.TrimSpace(line), " ")
		if clientsOnly && mark != "client" {
			continue
		}
		gv, err := schema.ParseGroupVersion(name)
		if err != nil {
			panic(err) // the generated file is wrong; a test reads it
		}
		out = append(out, gv)
	}
	slices.SortFunc(out, func(a, b schema.GroupVersion) int {
		if c := strings.Compare(a.Group, b.Group); c != 0 {
			return c
		}
		return strings.Compare(a.Version, b.Version)
	})
	return out
}
