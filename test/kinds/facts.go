// Package kinds tests what all kinds have in common, with one object of every kind that can be created: it is
// created, read, listed, watched, patched, applied and deleted, in JSON and in protobuf, and what etcd holds of
// it is compared with the table of storage facts. The objects are in testdata/objects, as small as they may be.
package kinds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// A fact says how a resource is stored.
type fact struct {
	version  string // apiVersion of the stored object
	key      string // with <namespace> and <name>
	encoding string // protobuf or json
}

// keyOf is where an object is stored.
func (f fact) keyOf(namespace, name string) string {
	return strings.NewReplacer("<namespace>", namespace, "<name>", name).Replace(f.key)
}

// readFacts reads the storage facts; the group of core resources is "".
func readFacts(file string) (map[schema.GroupResource]fact, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	facts := map[schema.GroupResource]fact{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "\t")
		const group, resource, version, key, encoding = 0, 1, 3, 4, 5
		if cells[group] == "core" {
			cells[group] = ""
		}
		if strings.HasPrefix(cells[key], "/registry/") {
			at := schema.GroupResource{Group: cells[group], Resource: cells[resource]}
			facts[at] = fact{version: cells[version], key: cells[key], encoding: cells[encoding]}
		}
	}
	return facts, nil
}

// stored reads how etcd holds an object.
func stored(value []byte) (f fact, kind string, err error) {
	if rest, ok := bytes.CutPrefix(value, []byte("k8s\x00")); ok {
		var envelope runtime.Unknown
		err := envelope.Unmarshal(rest)
		return fact{version: envelope.APIVersion, encoding: "protobuf"}, envelope.Kind, err
	}
	var object struct{ APIVersion, Kind string }
	err = json.Unmarshal(value, &object)
	return fact{version: object.APIVersion, encoding: "json"}, object.Kind, err
}

// readObjects reads the objects of a folder.
func readObjects(dir string) (map[schema.GroupVersionKind]*unstructured.Unstructured, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	objects := map[schema.GroupVersionKind]*unstructured.Unstructured{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), len(text)); ; {
			object := &unstructured.Unstructured{}
			if err := documents.Decode(&object.Object); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			if objects[object.GroupVersionKind()] != nil {
				return nil, fmt.Errorf("%s: a second %s", file, object.GroupVersionKind())
			}
			objects[object.GroupVersionKind()] = object
		}
	}
	return objects, nil
}
