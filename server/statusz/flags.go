package statusz

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/nave-k8s/nave/server/request"
)

// Verbosity answers /debug/flags and /debug/flags/v: a PUT of a number there makes it so.
type Verbosity struct{ Set func(level int) }

// Serve answers a path below /debug/flags; it reports false if there is none such.
func (v Verbosity) Serve(w http.ResponseWriter, r *request.Request) bool {
	path, ok := strings.CutPrefix(r.Path, "/debug/flags")
	switch {
	case !ok || v.Set == nil:
		return false
	case path == "" || path == "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<html>\n<head>\n<title>/debug/flags/</title>\n</head>\n<body>\n/debug/flags/<br>\n<br>\nflags:<br>\n<table>\n<tr>v<br>\n</table>\n<br>\nfull flags configurable<br>\n</body>\n</html>\n") //nolint:errcheck // the client is gone
		return true
	case path != "/v":
		return false
	case r.HTTP.Method != http.MethodPut:
		http.Error(w, "unrecognized http method", http.StatusMethodNotAllowed)
		return true
	}
	body, err := io.ReadAll(io.LimitReader(r.HTTP.Body, 64))
	level, convErr := strconv.Atoi(strings.TrimSpace(string(body)))
	if err != nil || convErr != nil {
		http.Error(w, fmt.Sprintf("the body must be a number, not %q", body), http.StatusBadRequest)
		return true
	}
	v.Set(level)
	fmt.Fprintf(w, "successfully set klog.logging.verbosity to %d\n", level) //nolint:errcheck // the client is gone
	return true
}
