package openapi

import (
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	openapi_v3 "github.com/google/gnostic-models/openapiv3"
	"google.golang.org/protobuf/proto"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// documents are all documents for one set.
type documents struct {
	v3    map[string]*document // "apis/apps/v1", as in the index
	v2    *document
	index func() []byte
}

// A source is what a document is made of.
type source struct {
	paths  []pathItem
	gv     schema.GroupVersion         // which version the shared kinds are said to be of
	custom map[string]customDefinition // by name
}

// describe computes the sources of all documents. A document whose source is the same as before stays.
func (s *Service) describe(set *kinds.Set, before *documents) *documents {
	docs := &documents{v3: map[string]*document{}}
	var all []source
	add := func(name string, src source) {
		all = append(all, src)
		hash := src.hash(s.seed())
		if before != nil && before.v3[name] != nil && before.v3[name].hash == hash {
			docs.v3[name] = before.v3[name]
			return
		}
		docs.v3[name] = &document{hash: hash, build: func() ([]byte, error) { return s.encodeV3(src) }, proto: protoV3}
	}
	one := func(name string, p pathItem) { add(name, source{paths: []pathItem{p}}) }

	one(".well-known/openid-configuration", openIDPath())
	one("openid/v1/jwks", keysPath())
	one("version", serverVersionPath())
	one("api", corePath())
	one("apis", groupsPath())
	byVersion := map[schema.GroupVersion][]*kinds.Resource{}
	for _, r := range set.All() {
		byVersion[r.GroupVersion()] = append(byVersion[r.GroupVersion()], r)
	}
	for _, gv := range set.GroupVersions() {
		resources := byVersion[gv]
		if isCustom(resources[0]) {
			add(basePath(gv)[1:], s.customSource(gv, resources))
			continue
		}
		if name := "apis/" + gv.Group; gv.Group != "" && docs.v3[name] == nil {
			one(name, groupPath(gv.Group))
		}
		src := source{gv: gv, paths: []pathItem{versionPath(gv)}}
		for _, r := range resources {
			src.paths = append(src.paths, resourcePaths(r, s.definitions.Name)...)
		}
		add(basePath(gv)[1:], src)
	}

	hash := sha512.New()
	for _, src := range all {
		io.WriteString(hash, src.hash(s.seed())) //nolint:errcheck // a hash takes everything
	}
	docs.v2 = &document{hash: fmt.Sprintf("%X", hash.Sum(nil)), build: func() ([]byte, error) { return s.encodeV2(all) }, proto: protoV2}
	if before != nil && before.v2.hash == docs.v2.hash {
		docs.v2 = before.v2
	}
	docs.index = sync.OnceValue(docs.makeIndex)
	return docs
}

// makeIndex lists the documents of version 3 with the addresses at which they can be kept for ever.
func (docs *documents) makeIndex() []byte {
	type entry struct {
		URL string `json:"serverRelativeURL"`
	}
	paths := make(map[string]entry, len(docs.v3))
	for name, doc := range docs.v3 {
		paths[name] = entry{address(name, doc.hash)}
	}
	body, err := json.Marshal(map[string]any{"paths": paths})
	if err != nil {
		panic(err) // strings can be encoded
	}
	return body
}

func address(name, hash string) string { return "/openapi/v3/" + name + "?hash=" + hash }

// seed is what the hashes of all documents begin with: the version and the built-in schemas.
func (s *Service) seed() string { return s.version + " " + s.definitions.Digest() }

// hash identifies a source.
func (src source) hash(seed string) string {
	h := sha512.New()
	fmt.Fprintf(h, "%s %s\n", seed, src.gv)
	for _, p := range src.paths {
		fmt.Fprintf(h, "%+v\n", p)
	}
	for _, c := range src.customInOrder() {
		fmt.Fprintf(h, "%s %s %s\n", c.name, c.v3, c.v2)
	}
	return fmt.Sprintf("%X", h.Sum(nil))
}

func protoV3(body []byte) ([]byte, error) {
	doc, err := openapi_v3.ParseDocument(body)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(doc)
}

func protoV2(body []byte) ([]byte, error) {
	doc, err := openapi_v2.ParseDocument(body)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(doc)
}
