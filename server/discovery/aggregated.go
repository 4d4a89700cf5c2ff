package discovery

import (
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// aggregate makes the document of all groups that are wanted.
func aggregate(set *kinds.Set, byVersion map[schema.GroupVersion][]*kinds.Resource, wanted func(group string) bool) *document {
	list := &apidiscoveryv2.APIGroupDiscoveryList{
		TypeMeta: metav1.TypeMeta{Kind: "APIGroupDiscoveryList", APIVersion: "apidiscovery.k8s.io/v2"},
		Items:    []apidiscoveryv2.APIGroupDiscovery{},
	}
	place := map[string]int{}
	for _, gv := range set.GroupVersions() {
		if !wanted(gv.Group) {
			continue
		}
		i, ok := place[gv.Group]
		if !ok {
			i = len(list.Items)
			place[gv.Group] = i
			list.Items = append(list.Items, apidiscoveryv2.APIGroupDiscovery{ObjectMeta: metav1.ObjectMeta{Name: gv.Group}})
		}
		version := apidiscoveryv2.APIVersionDiscovery{Version: gv.Version, Freshness: apidiscoveryv2.DiscoveryFreshnessCurrent}
		for _, r := range inOrder(byVersion[gv]) {
			version.Resources = append(version.Resources, discoverResource(r))
		}
		list.Items[i].Versions = append(list.Items[i].Versions, version)
	}
	return &document{object: list, TypeMeta: list.TypeMeta}
}

func discoverResource(r *kinds.Resource) apidiscoveryv2.APIResourceDiscovery {
	out := apidiscoveryv2.APIResourceDiscovery{
		Resource:         r.Plural,
		ResponseKind:     responseKind(r, schema.GroupVersionKind{}),
		Scope:            apidiscoveryv2.ScopeCluster,
		SingularResource: r.Singular,
		Verbs:            verbs(r, r.Verbs),
		ShortNames:       r.ShortNames,
		Categories:       r.Categories,
	}
	if r.Namespaced {
		out.Scope = apidiscoveryv2.ScopeNamespace
	}
	for _, s := range subresources(r) {
		out.Subresources = append(out.Subresources, apidiscoveryv2.APISubresourceDiscovery{
			Subresource:  s.Name,
			ResponseKind: responseKind(r, s.Kind),
			Verbs:        s.Verbs,
		})
	}
	return out
}

// responseKind is what a resource answers with. Built-in ones leave out group and version where these are
// their own; custom ones do not.
func responseKind(r *kinds.Resource, other schema.GroupVersionKind) *metav1.GroupVersionKind {
	switch {
	case other.Kind == "" && !isCustom(r):
		return &metav1.GroupVersionKind{Kind: r.Kind}
	case other.Kind == "":
		other = r.GroupVersionKind()
	case other.GroupVersion() == r.GroupVersion() && !isCustom(r):
		return &metav1.GroupVersionKind{Kind: other.Kind}
	}
	return &metav1.GroupVersionKind{Group: other.Group, Version: other.Version, Kind: other.Kind}
}
