package respond

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/nave-k8s/nave/server/request"
)

// compressFrom is the size in bytes from which an answer is compressed for clients that accept it.
const compressFrom = 128 * 1024

var gzipWriters = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	return z
}}

// write sends a whole body.
func write(w http.ResponseWriter, r *request.Request, contentType string, code int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	head(h, r)
	if len(body) >= compressFrom && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		w.WriteHeader(code)
		z := gzipWriters.Get().(*gzip.Writer)
		defer gzipWriters.Put(z)
		z.Reset(w)
		z.Write(body) //nolint:errcheck // the client is gone: nobody is left to tell
		z.Close()     //nolint:errcheck
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	w.Write(body) //nolint:errcheck // the client is gone: nobody is left to tell
}

// head sets the headers that every answer of the API has.
func head(h http.Header, r *request.Request) {
	h.Set("Cache-Control", "no-cache, private")
	for _, text := range told(r.Warnings()) {
		h.Add("Warning", `299 - `+quoteWarning(text))
	}
}

// Warnings are told whole if they have this many characters at most together. Else each is cut, and those of which none
// would fit are left out.
const (
	warningsLength = 4096
	warningLength  = 256
)

func told(warnings []string) []string {
	total := 0
	for _, text := range warnings {
		total += utf8.RuneCountInString(text)
	}
	if total <= warningsLength {
		return warnings
	}
	var out []string
	for total = 0; total < warningsLength && len(out) < len(warnings); {
		text := []rune(warnings[len(out)])
		text = text[:min(len(text), warningLength)]
		out = append(out, string(text))
		total += len(text)
	}
	return out
}

// quoteWarning makes the quoted text of a Warning header (RFC 7234, 5.5).
func quoteWarning(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < 0x20 || c == 0x7f:
			b.WriteByte(' ')
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func acceptsGzip(r *request.Request) bool {
	for _, v := range r.HTTP.Header["Accept-Encoding"] {
		for _, e := range strings.Split(v, ",") {
			name, _, _ := strings.Cut(e, ";")
			if strings.TrimSpace(name) == "gzip" {
				return true
			}
		}
	}
	return false
}
