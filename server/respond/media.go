// Package respond is stage 9: it negotiates how an answer is written (JSON, YAML, protobuf; as the object,
// a Table or metadata alone) and writes it: objects, lists that stream out of the watch cache, watch
// events and Status errors. Every stage answers through it.
package respond

import (
	"net/http"
	"sort"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The media types the server speaks.
const (
	JSON     = "application/json"
	YAML     = "application/yaml"
	Protobuf = "application/vnd.kubernetes.protobuf"
)

// Media is a way of writing an answer.
type Media struct {
	Type   string
	Pretty bool
	// As asks for another form of the object: Table, PartialObjectMetadata, PartialObjectMetadataList,
	// in a version of meta.k8s.io. Zero: the object as it is.
	As schema.GroupVersionKind
}

// Offer says what a place of the API can answer with.
type Offer struct {
	Types      []string // those that the kind of endpoint announces
	Transforms bool     // PartialObjectMetadata, and Table if Tables
	Tables     bool
	Watch      bool // the answer is a stream of events
}

var (
	objectTypes = []string{JSON, YAML, Protobuf}
	streamTypes = []string{JSON + ";stream=watch", Protobuf + ";stream=watch"}
	listTypes   = append(append([]string{}, objectTypes...), streamTypes...)
)

// Objects is the offer of endpoints that answer with one object; Lists that of collections; Watches that
// of collections when they are watched.
var (
	Objects = Offer{Types: objectTypes, Transforms: true, Tables: true}
	Lists   = Offer{Types: listTypes, Transforms: true, Tables: true}
	Watches = Offer{Types: listTypes, Transforms: true, Tables: true, Watch: true}
	Plain   = Offer{Types: objectTypes}
)

// Accepts is the first of two looks at the Accept header, that of the route: an entry must name one of
// the offered types exactly, or */*.
func (o Offer) Accepts(accept string) error {
	if accept == "" {
		return nil
	}
	for rest := accept; rest != ""; {
		var entry string
		entry, rest, _ = strings.Cut(rest, ",")
		entry, _, _ = strings.Cut(entry, ";")
		entry = strings.TrimSpace(entry)
		if entry == "*/*" {
			return nil
		}
		for _, t := range o.Types {
			if entry == t {
				return nil
			}
		}
	}
	return notAcceptableRoute(o.Types)
}

// Negotiate chooses how to answer.
func (o Offer) Negotiate(header http.Header, pretty bool) (Media, error) {
	accept := header.Get("Accept")
	if accept == JSON { // nearly always
		return Media{Type: JSON, Pretty: pretty}, nil
	}
	if err := o.Accepts(accept); err != nil {
		return Media{}, err
	}
	if accept == "" {
		return Media{Type: JSON, Pretty: pretty}, nil
	}
	for _, c := range parseAccept(accept) {
		for _, t := range objectTypes {
			if !c.matches(t) {
				continue
			}
			if m, ok := o.with(c, t); ok {
				m.Pretty = m.Pretty || pretty
				return m, nil
			}
		}
	}
	return Media{}, notAcceptable(objectTypes)
}

// with reads the parameters of a clause; ok is false if they ask for what is not offered.
func (o Offer) with(c clause, t string) (m Media, ok bool) {
	m.Type = t
	asked := false
	for k, v := range c.params {
		switch k {
		case "as":
			m.As.Kind, asked = v, true
		case "g":
			m.As.Group, asked = v, true
		case "v":
			m.As.Version, asked = v, true
		case "pretty":
			m.Pretty = v == "1"
		case "stream":
			if v != "watch" {
				return m, false
			}
		}
	}
	if asked {
		if !o.Transforms || m.As.Group != metav1.GroupName || m.As.Version != "v1" && m.As.Version != "v1beta1" {
			return m, false
		}
		switch m.As.Kind {
		case "Table":
			return m, o.Tables && t != Protobuf
		case "PartialObjectMetadata":
			return m, true
		case "PartialObjectMetadataList":
			return m, !o.Watch
		}
		return m, false
	}
	return m, true
}

// clause is one entry of an Accept header.
type clause struct {
	main, sub string
	params    map[string]string
	q         float64
	place     int
}

func (c clause) matches(t string) bool {
	main, sub, _ := strings.Cut(t, "/")
	return c.main == main && (c.sub == sub || c.sub == "*") || c.main == "*" && c.sub == "*"
}

// parseAccept orders the clauses of an Accept header by quality, then by place.
func parseAccept(header string) []clause {
	var out []clause
	for i, entry := range strings.Split(header, ",") {
		media, _, _ := strings.Cut(entry, ";")
		main, sub, ok := strings.Cut(strings.TrimSpace(media), "/")
		if !ok {
			continue
		}
		c := clause{main: main, sub: sub, q: 1, place: i}
		c.parameters(entry)
		out = append(out, c)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].q > out[j].q })
	return out
}

// parameters reads what follows the media type. It is laxer than RFC 9110: a value may be empty.
func (c *clause) parameters(entry string) {
	_, rest, ok := strings.Cut(entry, ";")
	for ok {
		var param string
		param, rest, ok = strings.Cut(rest, ";")
		k, v, _ := strings.Cut(param, "=")
		if c.params == nil {
			c.params = map[string]string{}
		}
		c.params[strings.TrimSpace(k)] = strings.Trim(strings.TrimSpace(v), `"`)
	}
	if q, ok := c.params["q"]; ok {
		c.q, _ = strconv.ParseFloat(q, 64)
	}
}

// WantsPretty reports whether a person seems to read the answer: the pretty parameter, or a client that
// is a browser or curl.
func WantsPretty(pretty string, given bool, agent string) bool {
	if given {
		return pretty == "" || pretty != "0" && !strings.EqualFold(pretty, "false")
	}
	return strings.HasPrefix(agent, "curl") || strings.HasPrefix(agent, "Wget") || strings.HasPrefix(agent, "Mozilla/5.0")
}
