package discovery

import (
	"os"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// A row is a resource or subresource as kube-apiserver 1.37 serves it by default.
type row struct {
	group, version, resource, kind, kindGV string
	namespaced                             bool
	verbs, shortNames, categories          []string
	singular, hash                         string
}

func readTable(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile("testdata/resources.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	column := map[string]int{}
	for i, name := range strings.Split(lines[0], "\t") {
		column[name] = i
	}
	var rows []row
	for _, line := range lines[1:] {
		cells := strings.Split(line, "\t")
		get := func(name string) string {
			if v := cells[column[name]]; v != "-" {
				return v
			}
			return ""
		}
		list := func(name string) []string {
			if v := get(name); v != "" {
				return strings.Split(v, ",")
			}
			return nil
		}
		if get("default_enabled") != "yes" {
			continue
		}
		r := row{
			group: get("group"), version: get("version"), resource: get("resource"), kind: get("kind"), kindGV: get("kind_gv"),
			namespaced: get("namespaced") == "true", verbs: list("verbs"), shortNames: list("shortNames"), categories: list("categories"),
			singular: get("singular"), hash: get("storageVersionHash"),
		}
		if r.group == "core" {
			r.group = ""
		}
		rows = append(rows, r)
	}
	return rows
}

// tableSet makes a set of the table: discovery needs names alone.
func tableSet(t *testing.T) *kinds.Set {
	t.Helper()
	var all []*kinds.Resource
	byName := map[schema.GroupVersionResource]*kinds.Resource{}
	for _, row := range readTable(t) {
		plural, sub, isSub := strings.Cut(row.resource, "/")
		gvr := schema.GroupVersionResource{Group: row.group, Version: row.version, Resource: plural}
		if isSub {
			s := &kinds.Subresource{Name: sub, Verbs: row.verbs}
			group, version, _ := strings.Cut(row.kindGV, "/")
			if group == "core" {
				group = ""
			}
			s.Kind = schema.GroupVersionKind{Group: group, Version: version, Kind: row.kind}
			byName[gvr].Subresources = append(byName[gvr].Subresources, s)
			continue
		}
		r := &kinds.Resource{
			Group: row.group, Version: row.version, Kind: row.kind, Plural: plural, Singular: row.singular,
			ShortNames: row.shortNames, Categories: row.categories, Namespaced: row.namespaced, Verbs: row.verbs,
		}
		if row.hash != "" {
			r.Storage = kinds.Storage{Key: plural, APIVersion: r.GroupVersion().String()}
		}
		byName[gvr] = r
		all = append(all, r)
	}
	return kinds.NewSet(all)
}
