package discovery

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// isCustom reports whether a resource was made of a CustomResourceDefinition. Discovery tells these a
// little differently.
func isCustom(r *kinds.Resource) bool {
	if r.New == nil {
		return false
	}
	_, ok := r.New().(*unstructured.Unstructured)
	return ok
}

// customVerbs are the verbs of custom resources in the order in which kube-apiserver lists them.
var customVerbs = []string{"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"}

func verbs(r *kinds.Resource, sorted []string) []string {
	if !isCustom(r) {
		return sorted
	}
	var out []string
	for _, v := range customVerbs {
		if slices.Contains(sorted, v) {
			out = append(out, v)
		}
	}
	return out
}

// storageVersionHash tells clients that migrate stored objects whether the version in which a resource is
// stored has changed (KEP-2339 calls it opaque). It is empty for what is not stored.
func storageVersionHash(r *kinds.Resource) string {
	if !r.Stored() {
		return ""
	}
	gv, err := schema.ParseGroupVersion(r.Root().Storage.APIVersion)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(gv.Group + "/" + gv.Version + "/" + r.Root().Kind))
	return base64.StdEncoding.EncodeToString(sum[:8])
}
