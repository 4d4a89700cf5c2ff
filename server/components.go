package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// componentTimeout is how long a component may take to say that it is well.
const componentTimeout = time.Second

// components answers the old ComponentStatus: whether scheduler and controller manager answer at their
// usual ports, and whether the database does.
func (s *Server) components(r *request.Request) []kinds.Object {
	ctx, cancel := context.WithTimeout(r.HTTP.Context(), componentTimeout)
	defer cancel()
	_, err := s.Store.Revision(ctx)
	return []kinds.Object{
		component("controller-manager", askHealth(ctx, "https://127.0.0.1:10257/healthz")),
		component("scheduler", askHealth(ctx, "https://127.0.0.1:10259/healthz")),
		component("etcd-0", err),
	}
}

func component(name string, err error) *corev1.ComponentStatus {
	c := corev1.ComponentCondition{Type: corev1.ComponentHealthy, Status: corev1.ConditionTrue, Message: "ok"}
	if err != nil {
		c.Status, c.Message = corev1.ConditionFalse, err.Error()
	}
	return &corev1.ComponentStatus{ObjectMeta: metav1.ObjectMeta{Name: name}, Conditions: []corev1.ComponentCondition{c}}
}

// askHealth gets a health check of a component on this machine. Its certificate is its own, so it is not
// verified, as kube-apiserver does not.
func askHealth(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}} //nolint:gosec // see above
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it is only read
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1024)) // the code is what counts
		return fmt.Errorf("unhealthy (status %d): %s", resp.StatusCode, body)
	}
	return nil
}
