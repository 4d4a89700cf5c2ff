package connect

import (
	"net/http"
	"strings"
)

// stripCredentials takes out what tells this server who asks: a backend could use it to be the client.
func stripCredentials(h http.Header) {
	h.Del("Authorization")
	for name := range h {
		if strings.HasPrefix(name, "Impersonate-") || strings.HasPrefix(name, "X-Remote-") {
			h.Del(name)
		}
	}
	// Browsers cannot set headers on a WebSocket and send the token as a protocol of it.
	const bearer = "base64url.bearer.authorization.k8s.io."
	protocols, ok := h["Sec-Websocket-Protocol"]
	if !ok || !strings.Contains(strings.Join(protocols, ","), bearer) {
		return
	}
	var keep []string
	for _, line := range protocols {
		for p := range strings.SplitSeq(line, ",") {
			if p = strings.TrimSpace(p); p != "" && !strings.HasPrefix(p, bearer) {
				keep = append(keep, p)
			}
		}
	}
	if len(keep) == 0 {
		h.Del("Sec-Websocket-Protocol")
		return
	}
	h.Set("Sec-Websocket-Protocol", strings.Join(keep, ", "))
}
