package discovery

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/server/request"
)

const v2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// ask sends a request to a Discovery and returns the answer; 404 without a type if there is no document.
func ask(d *Discovery, method, path, accept string, headers ...string) *httptest.ResponseRecorder {
	hr := httptest.NewRequest(method, path, nil)
	hr.Header.Set("Accept", accept)
	for i := 0; i+1 < len(headers); i += 2 {
		hr.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r := &request.Request{HTTP: hr, Path: strings.TrimSuffix(hr.URL.Path, "/"), Query: request.ParseQuery(hr.URL.RawQuery)}
	found, err := d.Serve(w, r)
	switch {
	case err != nil:
		status := err.(apierrors.APIStatus).Status()
		w.Code = int(status.Code)
		w.Body.WriteString(status.Message)
	case !found:
		w.Code = http.StatusNotFound
	}
	return w
}

func TestServe(t *testing.T) {
	d := New("192.0.2.1:6443", tableSet(t), "/version")
	const only = "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"
	tests := []struct {
		request, accept string
		code            int
		kind, body      string // body is contained in the answer
	}{
		{"POST /", "text/html", 200, "application/json", "    \"/apis/storagemigration.k8s.io/v1\",\n    \"/version\"\n  ]\n}"},
		{"GET /api", "application/json", 200, "application/json", `{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"192.0.2.1:6443"}]}`},
		{"GET /api/", "", 200, "application/json", `"versions":["v1"]`},
		{"GET /api", v2, 200, v2, `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{},"versions":[{"version":"v1","resources":[{"resource":"bindings",`},
		{"GET /api", "application/json," + v2, 200, v2, `"apidiscovery.k8s.io/v2"`},
		{"GET /api", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", 406, "", only},
		{"GET /api", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", 200, "application/json", `"APIVersions"`},
		{"GET /api", "text/html", 406, "", "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf"},
		{"HEAD /api", v2, 405, "", "the server does not allow this method on the requested resource"},
		{"GET /apis", "application/json", 200, "application/json", `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apiregistration.k8s.io",`},
		{"POST /apis", v2, 200, v2, `"name":"apiregistration.k8s.io"`},
		{"GET /apis/", v2, 406, "", only},
		{"GET /apis", "text/html", 406, "", only},
		{"GET /apis", "application/*", 200, "application/json", `"APIGroupList"`},
		{"GET /apis/autoscaling", "application/json", 200, "application/json", `"preferredVersion":{"groupVersion":"autoscaling/v2","version":"v2"}`},
		{"DELETE /apis/apps/", "application/yaml", 200, "application/yaml", "kind: APIGroup\nname: apps\n"},
		{"GET /apis/apps?pretty=1", "application/json", 200, "application/json", "{\n  \"kind\": \"APIGroup\","},
		{"GET /apis/nothing", "application/json", 404, "", ""},
		{"GET /apis/apps/v1", "application/vnd.kubernetes.protobuf", 200, "application/vnd.kubernetes.protobuf", "k8s\x00\n\x15\n\x02v1\x12\x0fAPIResourceList\x12"},
		{"GET /apis/apps/v1/", "application/json", 200, "application/json", `{"name":"deployments/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]}`},
		{"GET /apis/apps/v1", v2, 406, "", only},
		{"POST /apis/apps/v1", "application/json", 405, "", "the server does not allow this method"},
		{"GET /apis/apps/v2", "application/json", 404, "", "the server could not find the requested resource"},
		{"GET /api/v2", "application/json", 404, "", "the server could not find the requested resource"},
		{"GET /api/v1/nothing/here", "application/json", 404, "", "the server could not find the requested resource"},
		{"GET /apis/apps/v1/nothing", "application/json", 404, "", "the server could not find the requested resource"},
		{"GET /apis/nothing/v1", "application/json", 404, "", ""},
		{"GET /api/v1", "application/json", 200, "application/json", `{"kind":"APIResourceList","groupVersion":"v1","resources":[`},
		{"GET /version", "application/json", 404, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.request+" "+tt.accept, func(t *testing.T) {
			method, path, _ := strings.Cut(tt.request, " ")
			w := ask(d, method, path, tt.accept)
			if w.Code != tt.code || w.Header().Get("Content-Type") != tt.kind || !strings.Contains(w.Body.String(), tt.body) {
				t.Errorf("%d %q %.300q, want %d %q %q", w.Code, w.Header().Get("Content-Type"), w.Body, tt.code, tt.kind, tt.body)
			}
			if tt.body == "" && w.Body.Len() > 0 {
				t.Errorf("the answer has a body: %q", w.Body)
			}
		})
	}
}

// A client that has a document learns by its hash that it is still good, until the set changes.
func TestETag(t *testing.T) {
	d := New("a", tableSet(t))
	first := ask(d, "GET", "/apis", v2)
	etag := first.Header().Get("ETag")
	if w := ask(d, "GET", "/apis", v2, "If-None-Match", etag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("the same hash: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(d, "GET", "/apis", strings.Replace(v2, "json", "yaml", 1), "If-None-Match", etag); w.Code != http.StatusNotModified {
		t.Errorf("the same hash for YAML: %d", w.Code)
	}
	if w := ask(d, "GET", "/apis", v2, "If-None-Match", `"0000"`); w.Code != http.StatusOK {
		t.Errorf("another hash: %d", w.Code)
	}
	d.Update(kinds.NewSet(append(slices.Clone(tableSet(t).All()), widgets())))
	if w := ask(d, "GET", "/apis", v2, "If-None-Match", etag); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "widgets") {
		t.Errorf("after a change: %d", w.Code)
	}
}

// Custom resources differ: verbs in another order, kinds in full, any method, another 404.
func TestCustom(t *testing.T) {
	d := New("a", kinds.NewSet(append(slices.Clone(tableSet(t).All()), widgets())))
	w := ask(d, "POST", "/apis/example.com/v1", "application/json")
	const want = `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"example.com/v1","resources":[` +
		`{"name":"widgets","singularName":"widget","namespaced":true,"kind":"Widget","verbs":["delete","deletecollection","get","list","patch","create","update","watch"],"storageVersionHash":"gIwvi5rymmg="},` +
		`{"name":"widgets/status","singularName":"","namespaced":true,"kind":"Widget","verbs":["get","patch","update"]},` +
		`{"name":"widgets/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]}]}` + "\n"
	if w.Body.String() != want {
		t.Errorf("got %s, want %s", w.Body, want)
	}
	if w := ask(d, "GET", "/apis", v2); !strings.Contains(w.Body.String(), `"responseKind":{"group":"example.com","version":"v1","kind":"Widget"}`) {
		t.Errorf("aggregated: %s", w.Body)
	}
	if w := ask(d, "GET", "/apis/example.com/v2", "application/json"); w.Code != 404 || w.Body.Len() > 0 {
		t.Errorf("a version that is not served: %d %s", w.Code, w.Body)
	}
}

func widgets() *kinds.Resource {
	r := &kinds.Resource{
		Group: "example.com", Version: "v1", Kind: "Widget", Plural: "widgets", Singular: "widget",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &unstructured.Unstructured{} },
		Storage: kinds.Storage{Key: "example.com/widgets", APIVersion: "example.com/v1", JSON: true},
	}
	update := []string{"get", "patch", "update"}
	r.Subresources = []*kinds.Subresource{
		{Name: "status", Verbs: update, Part: &kinds.Rules{}},
		{Name: "scale", Verbs: update, Scale: &kinds.Scale{}},
	}
	r.Subresources[1].Kind.Group, r.Subresources[1].Kind.Version, r.Subresources[1].Kind.Kind = "autoscaling", "v1", "Scale"
	return r
}

// What the server serves is what kube-apiserver serves by default, resource by resource.
func TestBuiltin(t *testing.T) {
	d := New("a", kinds.NewSet(builtin.All()))
	var got []string
	served := 0
	for version := range d.current.Load().version {
		path := "/apis/" + version
		if !strings.Contains(version, "/") {
			path = "/api/" + version
		}
		var list metav1.APIResourceList
		if err := json.Unmarshal(ask(d, "GET", path, "application/json").Body.Bytes(), &list); err != nil {
			t.Fatal(err)
		}
		for _, r := range list.APIResources {
			served += len(r.Verbs)
			got = append(got, fmt.Sprint(list.GroupVersion, " ", r.Name, " ", r.Kind, " ", r.Group, "/", r.Version, " ", r.Namespaced, " ", r.Verbs, " ", r.ShortNames, " ", r.Categories, " ", r.SingularName, " ", r.StorageVersionHash))
		}
	}
	want := map[string]bool{}
	operations := 0
	for _, row := range readTable(t) {
		gv := strings.TrimPrefix(row.group+"/"+row.version, "/")
		kindGV := "/"
		if other := strings.TrimPrefix(row.kindGV, "core/"); other != "" && other != gv {
			kindGV = other
		}
		operations += len(row.verbs)
		want[fmt.Sprint(gv, " ", row.resource, " ", row.kind, " ", kindGV, " ", row.namespaced, " ", row.verbs, " ", row.shortNames, " ", row.categories, " ", row.singular, " ", row.hash)] = true
	}
	if len(want) != 121 || operations != 660 {
		t.Fatalf("the table has %d resources and %d operations", len(want), operations)
	}
	slices.Sort(got)
	for _, r := range got {
		if !want[r] {
			t.Errorf("served, but not in the table: %s", r)
		}
		delete(want, r)
	}
	for r := range want {
		t.Errorf("in the table, but not served: %s", r)
	}
	t.Logf("%d of 121 resources, %d of 660 operations", 121-len(want), served)
	if served != operations {
		t.Errorf("%d operations", served)
	}
}

// Groups and versions come in the order of the table, which is that of kube-apiserver's APIServices.
func TestOrder(t *testing.T) {
	var want []schema.GroupVersion
	for _, row := range readTable(t) {
		if gv := (schema.GroupVersion{Group: row.group, Version: row.version}); !slices.Contains(want, gv) {
			want = append(want, gv)
		}
	}
	if got := kinds.NewSet(builtin.All()).GroupVersions(); !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}
