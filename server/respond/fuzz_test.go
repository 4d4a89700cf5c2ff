package respond

import (
	"net/http"
	"slices"
	"testing"
)

// FuzzAccept negotiates. What is chosen is among what is offered.
func FuzzAccept(f *testing.F) {
	for _, accept := range []string{
		"application/json", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "*/*;q=0.1, application/yaml;q=0.9",
		"application/vnd.kubernetes.protobuf;stream=watch", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io;q=nan",
		"application/*", ";;==,/,", "text/html", `application/json;pretty="1"`, "application/json;q=1e999",
	} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		header := http.Header{"Accept": {accept}}
		for _, o := range []Offer{Objects, Lists, Watches, Plain} {
			m, err := o.Negotiate(header, false)
			switch {
			case err != nil && err.Error() == "":
				t.Error("an error without a text")
			case err == nil && !slices.Contains(objectTypes, m.Type):
				t.Errorf("%q: answers with %q", accept, m.Type)
			case err == nil && m.As.Kind != "" && !o.Transforms:
				t.Errorf("%q: answers with %v, which is not offered", accept, m.As)
			}
		}
	})
}
