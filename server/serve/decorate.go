package serve

import (
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
)

// Decor is what operators may want of every answer. The zero value is nothing, and costs nothing.
type Decor struct {
	// StrictTransportSecurity is the header of that name.
	StrictTransportSecurity string
	// GoawayChance is how likely a request over HTTP/2 makes its client connect anew.
	GoawayChance float64
	// Origins are those from which browsers may send requests (CORS).
	Origins []*regexp.Regexp
}

// Decorate puts a handler behind what the decor asks for.
func Decorate(next http.Handler, d Decor) http.Handler {
	if len(d.Origins) > 0 {
		next = crossOrigin(next, d.Origins)
	}
	if d.GoawayChance > 0 {
		next = goaway(next, d.GoawayChance)
	}
	if d.StrictTransportSecurity != "" {
		next = withHeader(next, "Strict-Transport-Security", d.StrictTransportSecurity)
	}
	return next
}

func withHeader(next http.Handler, name, value string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, value)
		next.ServeHTTP(w, r)
	})
}

// goaway sends, by chance, what makes net/http end the connection once its requests are answered.
func goaway(next http.Handler, chance float64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 && rand.Float64() < chance {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// crossOrigin answers browsers that ask whether they may, for origins that are allowed.
func crossOrigin(next http.Handler, allowed []*regexp.Regexp) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || !anyMatches(allowed, origin) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE, PATCH")
		h.Set("Access-Control-Allow-Headers", "Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since")
		h.Set("Access-Control-Expose-Headers", "Date")
		h.Set("Access-Control-Allow-Credentials", "true")
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func anyMatches(all []*regexp.Regexp, s string) bool {
	for _, re := range all {
		if re.MatchString(strings.TrimSuffix(s, "/")) {
			return true
		}
	}
	return false
}
