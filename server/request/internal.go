package request

import (
	"context"
	"net/http"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
)

// Internal returns the record of something the server does in its own name, as the user that
// kube-apiserver uses for that.
func Internal(ctx context.Context, now time.Time) *Request {
	hr := (&http.Request{Method: http.MethodPost, Header: http.Header{"User-Agent": []string{"kube-apiserver"}}, Body: http.NoBody}).WithContext(ctx)
	return &Request{
		HTTP: hr, Started: now,
		User: authenticationv1.UserInfo{Username: "system:apiserver", Groups: []string{"system:authenticated", "system:masters"}},
	}
}
