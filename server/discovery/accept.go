package discovery

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/munnerz/goautoneg"

	"github.com/nave-k8s/nave/server/request"
)

// media is a way of writing a document.
type media struct {
	name   string
	pretty bool
}

// mediaTypes are what documents can be written as; the first for clients who do not care.
var mediaTypes = []string{typeJSON, typeYAML, typeProtobuf}

// aggregatedParameters follow the media type of an aggregated document.
const aggregatedParameters = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// plainMedia chooses how to write a document that has no other form.
func plainMedia(r *request.Request) (media, error) {
	header := r.HTTP.Header.Get("Accept")
	if header == "" {
		return media{name: typeJSON, pretty: wantsPretty(r)}, nil
	}
	for _, clause := range goautoneg.ParseAccept(header) {
		if asks(clause, "as", "g", "v", "sv") || asks(clause, "stream") {
			continue
		}
		if name := matching(clause); name != "" {
			return media{name: name, pretty: wantsPretty(r) || clause.Params["pretty"] == "1"}, nil
		}
	}
	return media{}, notAcceptable()
}

// aggregatedMedia chooses how to write the aggregated form; ok is false if the client does not ask for it.
// A clause that asks for it is taken before one that does not, whatever the order.
func aggregatedMedia(r *request.Request) (m media, ok bool) {
	for _, clause := range goautoneg.ParseAccept(r.HTTP.Header.Get("Accept")) {
		if clause.Params["as"] != "APIGroupDiscoveryList" || clause.Params["g"] != "apidiscovery.k8s.io" || clause.Params["v"] != "v2" {
			continue
		}
		if name := matching(clause); name != "" && !asks(clause, "stream", "sv") {
			return media{name: name, pretty: wantsPretty(r) || clause.Params["pretty"] == "1"}, true
		}
	}
	return media{}, false
}

// asks reports whether a clause has a value for one of the parameters.
func asks(clause goautoneg.Accept, params ...string) bool {
	for _, p := range params {
		if clause.Params[p] != "" {
			return true
		}
	}
	return false
}

// matching returns the first media type that a clause takes.
func matching(clause goautoneg.Accept) string {
	for _, name := range mediaTypes {
		main, sub, _ := strings.Cut(name, "/")
		if clause.Type == main && (clause.SubType == sub || clause.SubType == "*") || clause.Type == "*" && clause.SubType == "*" {
			return name
		}
	}
	return ""
}

// wantsPretty reports whether a person seems to read the answer.
func wantsPretty(r *request.Request) bool {
	if value := r.Query.Get("pretty"); value != "" {
		pretty, _ := strconv.ParseBool(value)
		return pretty
	}
	agent := r.HTTP.UserAgent()
	return strings.HasPrefix(agent, "curl") || strings.HasPrefix(agent, "Wget") || strings.HasPrefix(agent, "Mozilla/5.0")
}

// routeAllows is the first look at a request for documents that are routed like resources: they can only
// be got, and the Accept header must name a media type exactly, or */*.
func routeAllows(r *request.Request) error {
	if r.HTTP.Method != http.MethodGet {
		return methodNotAllowed()
	}
	header := r.HTTP.Header.Get("Accept")
	if header == "" {
		return nil
	}
	for entry := range strings.SplitSeq(header, ",") {
		name, _, _ := strings.Cut(entry, ";")
		name = strings.TrimSpace(name)
		if name == "*/*" {
			return nil
		}
		for _, m := range mediaTypes {
			if name == m {
				return nil
			}
		}
	}
	return routeNotAcceptable()
}
