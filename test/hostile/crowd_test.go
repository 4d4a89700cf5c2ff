package hostile

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// Many of the worst requests at once cost little more memory than one after the other.
func TestCrowd(t *testing.T) {
	s := newTarget(t)
	body := []byte(`{"metadata":{"name":"many"},"spec":{"containers":[` + list(49_000, func(i int) string { return fmt.Sprintf(`{"name":"a%d"}`, i) }) + `]}}`)
	s.attack(t, func() {
		var work sync.WaitGroup
		for range 24 {
			work.Go(func() {
				a, err := s.send(context.Background(), "POST", pods+"?timeout=15s", asJSON, body)
				if err != nil {
					t.Errorf("no answer: %v", err)
				} else if a.code != http.StatusUnprocessableEntity && a.code != http.StatusTooManyRequests && a.code != http.StatusGatewayTimeout || a.status.Kind != "Status" {
					t.Errorf("%d %.200s", a.code, a.body)
				}
			})
		}
		work.Wait()
	})
}
