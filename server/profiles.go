package server

import (
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/nave-k8s/nave/server/request"
)

// profiles answers /debug/pprof with the profiles of the Go runtime, for whoever may get that path. It
// reports false if the path is another.
func profiles(w http.ResponseWriter, r *request.Request) bool {
	const root = "/debug/pprof"
	name, ok := strings.CutPrefix(r.Path, root)
	switch {
	case !ok:
		return false
	case name == "":
		http.Redirect(w, r.HTTP, root+"/", http.StatusFound)
	case name[0] != '/':
		return false
	case name == "/profile":
		pprof.Profile(w, r.HTTP)
	case name == "/symbol":
		pprof.Symbol(w, r.HTTP)
	case name == "/trace":
		pprof.Trace(w, r.HTTP)
	default:
		pprof.Index(w, r.HTTP)
	}
	return true
}
