package openapi

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/munnerz/goautoneg"
)

// The media types of OpenAPI as protobuf, version 2 and 3, and the way they were written once.
const (
	protoType2    = "com.github.proto-openapi.spec.v2.v1.0+protobuf"
	oldProtoType2 = "com.github.proto-openapi.spec.v2@v1.0+protobuf"
	protoType3    = "com.github.proto-openapi.spec.v3.v1.0+protobuf"
	oldProtoType3 = "com.github.proto-openapi.spec.v3@v1.0+protobuf"
)

// accepts reports whether a client takes JSON or protobuf; ok is false if neither.
func accepts(r *http.Request, protobufTypes ...string) (protobuf, ok bool) {
	header := r.Header.Get("Accept")
	if header == "" {
		header = "*/*"
	}
	for _, clause := range goautoneg.ParseAccept(header) {
		switch {
		case clause.Type != "application" && clause.Type != "*":
		case clause.SubType == "json" || clause.SubType == "*":
			return false, true
		default:
			for _, t := range protobufTypes {
				if clause.SubType == t {
					return true, true
				}
			}
		}
	}
	return false, false
}

func serveV2(w http.ResponseWriter, r *http.Request, doc *document) {
	w.Header().Add("Vary", "Accept")
	protobuf, ok := accepts(r, protoType2, oldProtoType2)
	if !ok {
		w.WriteHeader(http.StatusNotAcceptable)
		return
	}
	setType(w, protobuf, protoType2)
	doc.serve(w, r, protobuf)
}

// serveV3 answers with one document of version 3; nil if there is none of that name. A client that gives
// the document's hash may keep the answer for ever; one that gives another is sent to the right address.
func serveV3(w http.ResponseWriter, r *http.Request, name string, doc *document) {
	if doc == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Add("Vary", "Accept")
	protobuf, ok := accepts(r, protoType3, oldProtoType3)
	if !ok {
		w.WriteHeader(http.StatusNotAcceptable)
		return
	}
	setType(w, protobuf, protoType3)
	if hash := r.URL.Query().Get("hash"); hash != "" {
		if hash != doc.hash {
			h.Set("Etag", fmt.Sprintf("%q", doc.hash))
			http.Redirect(w, r, address(name, doc.hash), http.StatusMovedPermanently)
			return
		}
		h.Set("Cache-Control", "public, immutable")
		h.Set("Expires", time.Now().AddDate(1, 0, 0).Format(time.RFC1123))
	}
	doc.serve(w, r, protobuf)
}

func setType(w http.ResponseWriter, protobuf bool, protobufType string) {
	t := "json"
	if protobuf {
		t = protobufType
	}
	w.Header().Set("Content-Type", "application/"+t)
}

// serveIndex answers with the list of documents. It is JSON, though kube-apiserver does not call it so.
func (docs *documents) serveIndex(w http.ResponseWriter, r *http.Request) {
	body := docs.index()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Etag", fmt.Sprintf("%q", docs.v2.hash)) // it covers all documents
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// serve answers with the document, or that it has not changed.
func (d *document) serve(w http.ResponseWriter, r *http.Request, protobuf bool) {
	body, modified, err := d.compressed(protobuf)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Etag", fmt.Sprintf("%q", d.hash))
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
	} else if body, err = unpack(body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.ServeContent(w, r, "", modified, bytes.NewReader(body))
}
