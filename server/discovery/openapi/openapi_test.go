package openapi

import (
	"compress/gzip"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	openapi_v3 "github.com/google/gnostic-models/openapiv3"
	"google.golang.org/protobuf/proto"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/server/request"
)

func ask(s *Service, method, path, accept string, headers ...string) *httptest.ResponseRecorder {
	hr := httptest.NewRequest(method, path, nil)
	hr.Header.Set("Accept", accept)
	for i := 0; i+1 < len(headers); i += 2 {
		hr.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	if !s.Serve(w, &request.Request{HTTP: hr}) {
		w.Code = -1
	}
	return w
}

func TestServe(t *testing.T) {
	s := newService(t, kinds.NewSet(builtin.All()), nil)
	const (
		proto2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
		proto3 = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"
		plain  = "text/plain; charset=utf-8"
	)
	tests := []struct {
		request, accept string
		code            int
		kind            string
	}{
		{"HEAD /openapi/v2", "application/json", 200, "application/json"},
		{"GET /openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", 200, proto2},
		{"HEAD /openapi/v2", proto2, 200, proto2},
		{"HEAD /openapi/v2", "*/*", 200, "application/json"},
		{"HEAD /openapi/v2", "", 200, "application/json"},
		{"HEAD /openapi/v2?timeout=32s", "application/json, */*", 200, "application/json"},
		{"GET /openapi/v2", "application/yaml", 406, ""},
		{"GET /openapi/v2/", "application/json", -1, ""},
		{"GET /openapi", "application/json", -1, ""},
		{"GET /openapi/v3", "application/yaml", 200, plain},
		{"GET /openapi/v3/", "application/json", 404, ""},
		{"GET /openapi/v3/version", "application/json", 200, "application/json"},
		{"GET /openapi/v3/version?hash=", "application/json", 200, "application/json"},
		{"GET /openapi/v3/version?hash=bogus", "application/json", 301, "application/json"},
		{"GET /openapi/v3/version", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf", 200, proto3},
		{"GET /openapi/v3/version", "application/yaml", 406, ""},
		{"GET /openapi/v3/version", proto2, 406, ""},
		{"HEAD /openapi/v3/apis/apps/v1", "application/json", 200, "application/json"},
		{"HEAD /openapi/v3/api/v1", "application/json", 200, "application/json"},
		{"GET /openapi/v3/apis/apps/v9", "application/json", 404, ""},
		{"GET /openapi/v3/apis/apps/v1/", "application/json", 404, ""},
		{"GET /openapi/v3/apis", "application/json", 200, "application/json"},
		{"GET /openapi/v3/apis/apps", "application/json", 200, "application/json"},
	}
	for _, tt := range tests {
		t.Run(tt.request+" "+tt.accept, func(t *testing.T) {
			method, path, _ := strings.Cut(tt.request, " ")
			w := ask(s, method, path, tt.accept)
			if w.Code != tt.code || w.Header().Get("Content-Type") != tt.kind {
				t.Errorf("%d %q, want %d %q", w.Code, w.Header().Get("Content-Type"), tt.code, tt.kind)
			}
			if (method == "HEAD" || tt.code != 200) && w.Body.Len() > 0 {
				t.Errorf("the answer has a body: %.100q", w.Body)
			}
		})
	}
}

// The index leads to documents that can be kept for ever, until they change.
func TestIndex(t *testing.T) {
	s := newService(t, kinds.NewSet(builtin.All()), nil)
	var index struct {
		Paths map[string]struct{ ServerRelativeURL string }
	}
	if err := json.Unmarshal(ask(s, "GET", "/openapi/v3", "*/*").Body.Bytes(), &index); err != nil {
		t.Fatal(err)
	}
	url := index.Paths["apis/apps/v1"].ServerRelativeURL
	w := ask(s, "GET", url, "application/json", "Accept-Encoding", "gzip")
	if w.Code != 200 || w.Header().Get("Cache-Control") != "public, immutable" || w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%s: %d %v", url, w.Code, w.Header())
	}
	body, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ OpenAPI string }
	if err := json.NewDecoder(body).Decode(&doc); err != nil || doc.OpenAPI != "3.0.0" {
		t.Errorf("document: %v %v", doc, err)
	}
	etag := w.Header().Get("Etag")
	if w := ask(s, "GET", url, "application/json", "If-None-Match", etag); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("the same hash: %d", w.Code)
	}

	before := s.documents()
	s.Update(kinds.NewSet(append(slices.Clone(builtin.All()), customWidgets())))
	after := s.documents()
	if after.v3["apis/apps/v1"] != before.v3["apis/apps/v1"] {
		t.Error("a document that did not change is made again")
	}
	if after.v2.hash == before.v2.hash || after.v3["apis/obj-openapi.example.com/v1"] == nil {
		t.Error("the custom resource is not there")
	}
	if after.v3["apis/obj-openapi.example.com"] != nil {
		t.Error("there is a document of a custom group")
	}
}

func TestProtobuf(t *testing.T) {
	s := newService(t, kinds.NewSet(builtin.All()), nil)
	var v3 openapi_v3.Document
	w := ask(s, "GET", "/openapi/v3/apis/apps/v1", "application/"+protoType3)
	if err := proto.Unmarshal(w.Body.Bytes(), &v3); err != nil || len(v3.Paths.Path) < 10 {
		t.Errorf("version 3: %v", err)
	}
	var v2 openapi_v2.Document
	w = ask(s, "GET", "/openapi/v2", "application/"+protoType2)
	if err := proto.Unmarshal(w.Body.Bytes(), &v2); err != nil || len(v2.Definitions.AdditionalProperties) < 100 {
		t.Errorf("version 2: %v", err)
	}
}

func TestNames(t *testing.T) {
	tests := []struct{ kind, want string }{{"Pod", "a Pod"}, {"Ingress", "an Ingress"}, {"Endpoints", "Endpoints"}, {"StorageClass", "a StorageClass"}}
	for _, tt := range tests {
		if got := withArticle(tt.kind); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.kind, got, tt.want)
		}
	}
	if got := camel("obj-openapi.example.com", false); got != "objOpenapiExampleCom" {
		t.Error(got)
	}
}

func BenchmarkCoreDocument(b *testing.B) {
	s, err := New("1.37", kinds.NewSet(builtin.All()), nil)
	if err != nil {
		b.Fatal(err)
	}
	doc := s.documents().v3["api/v1"]
	b.ReportAllocs()
	for range b.N {
		if _, err := doc.build(); err != nil {
			b.Fatal(err)
		}
	}
}
