package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nave-k8s/nave/server/request"
)

func TestFollow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "authn.yaml")
	write := func(text string) {
		if err := os.WriteFile(name, []byte("apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var failure string
	o := Options{Now: time.Now, Failed: func(err error) { failure = err.Error() }}
	write("anonymous: {enabled: true, conditions: [{path: /livez}]}\n")
	s, err := Follow(name, o)
	if err != nil {
		t.Fatal(err)
	}
	check := func(path string, want bool) {
		t.Helper()
		s.Again()
		if open, said := s.Anonymous(&request.Request{Path: path}); open != want || !said {
			t.Errorf("%s: open %v, said %v", path, open, said)
		}
	}
	check("/livez", true)
	check("/livez/etcd", false)
	check("/api/v1/pods", false)
	write("anonymous: {enabled: false, conditions: [{path: /livez}]} # wrong\n")
	check("/livez", true)
	if !strings.Contains(failure, "there may be none where enabled is false") {
		t.Errorf("the failure was told as %q", failure)
	}
	write("anonymous: {enabled: false}\n")
	check("/livez", false)
	for text, want := range map[string]string{
		"jwt: [{issuer: {url: 'http://x', audiences: [a]}}]\n": "jwt[0]: issuer.url: URL scheme must be https",
		"unknown: 1\n": "unknown field",
	} {
		write(text)
		if _, err := Follow(name, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
