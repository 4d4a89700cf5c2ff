package discovery

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// describe makes the documents of a set. Nothing is encoded yet.
func describe(address string, set *kinds.Set) *documents {
	byVersion := map[schema.GroupVersion][]*kinds.Resource{}
	custom := map[string]bool{}
	for _, r := range set.All() {
		gv := r.GroupVersion()
		byVersion[gv] = append(byVersion[gv], r)
		if known, ok := custom[r.Group]; !ok || known {
			custom[r.Group] = isCustom(r)
		}
	}
	docs := &documents{
		group:   map[string]*document{},
		version: map[string]*document{},
		custom:  custom,
	}
	core := &metav1.APIVersions{
		TypeMeta:                   metav1.TypeMeta{Kind: "APIVersions"},
		ServerAddressByClientCIDRs: []metav1.ServerAddressByClientCIDR{{ClientCIDR: "0.0.0.0/0", ServerAddress: address}},
	}
	groups := map[string]*metav1.APIGroup{}
	var order []*metav1.APIGroup
	for _, gv := range set.GroupVersions() {
		typeMeta := metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}
		if gv.Group == "" {
			core.Versions = append(core.Versions, gv.Version)
			typeMeta.APIVersion = "" // the core group's documents are from before apiVersion was
		} else {
			g := groups[gv.Group]
			if g == nil {
				g = &metav1.APIGroup{Name: gv.Group}
				groups[gv.Group] = g
				order = append(order, g)
			}
			g.Versions = append(g.Versions, metav1.GroupVersionForDiscovery{GroupVersion: gv.String(), Version: gv.Version})
		}
		list := &metav1.APIResourceList{TypeMeta: typeMeta, GroupVersion: gv.String(), APIResources: []metav1.APIResource{}}
		for _, r := range inOrder(byVersion[gv]) {
			list.APIResources = append(list.APIResources, apiResources(r)...)
		}
		docs.version[gv.String()] = &document{object: list, TypeMeta: list.TypeMeta}
	}
	list := &metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{}}
	for _, g := range order {
		g.PreferredVersion = g.Versions[0]
		list.Groups = append(list.Groups, *g)
		alone := *g
		alone.TypeMeta = metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}
		docs.group[g.Name] = &document{object: &alone, TypeMeta: alone.TypeMeta}
	}
	docs.core = &document{object: core, TypeMeta: core.TypeMeta}
	docs.groups = &document{object: list, TypeMeta: list.TypeMeta}
	docs.aggregatedCore = aggregate(set, byVersion, func(group string) bool { return group == "" })
	docs.aggregated = aggregate(set, byVersion, func(group string) bool { return group != "" })
	return docs
}

// inOrder returns the resources of a group version as discovery lists them: built-in ones by name, custom
// ones as they were defined.
func inOrder(resources []*kinds.Resource) []*kinds.Resource {
	if isCustom(resources[0]) {
		return resources
	}
	return slices.SortedFunc(slices.Values(resources), func(a, b *kinds.Resource) int { return cmp.Compare(a.Plural, b.Plural) })
}

// subresources returns those of a resource, in the order of discovery.
func subresources(r *kinds.Resource) []*kinds.Subresource {
	if isCustom(r) {
		return r.Subresources
	}
	return slices.SortedFunc(slices.Values(r.Subresources), func(a, b *kinds.Subresource) int { return cmp.Compare(a.Name, b.Name) })
}

// apiResources returns the entries of a resource and its subresources.
func apiResources(r *kinds.Resource) []metav1.APIResource {
	out := []metav1.APIResource{{
		Name:               r.Plural,
		SingularName:       r.Singular,
		Namespaced:         r.Namespaced,
		Kind:               r.Kind,
		Verbs:              verbs(r, r.Verbs),
		ShortNames:         r.ShortNames,
		Categories:         r.Categories,
		StorageVersionHash: storageVersionHash(r),
	}}
	for _, s := range subresources(r) {
		entry := metav1.APIResource{Name: r.Plural + "/" + s.Name, Namespaced: r.Namespaced, Kind: r.Kind, Verbs: s.Verbs}
		if s.Kind.Kind != "" {
			entry.Kind = s.Kind.Kind
			if s.Kind.GroupVersion() != r.GroupVersion() {
				entry.Group, entry.Version = s.Kind.Group, s.Kind.Version
			}
		}
		out = append(out, entry)
	}
	return out
}
