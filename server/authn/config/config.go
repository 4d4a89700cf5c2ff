// Package config reads an AuthenticationConfiguration (apiserver.config.k8s.io, KEP-3331 and KEP-4633): issuers
// of JWTs, and the paths that are open to anonymous requests. The file may change while the server runs; one
// that is wrong leaves what was there. Callers: cmd/nave reads, server asks.
package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/server/authn/oidc"
	"github.com/nave-k8s/nave/server/reload"
	"github.com/nave-k8s/nave/server/request"
)

// Document is what such a file holds.
type Document struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	JWT        []oidc.JWT `json:"jwt"`
	Anonymous  *Anonymous `json:"anonymous"`
}

// Anonymous says which requests without credentials go on.
type Anonymous struct {
	Enabled    bool        `json:"enabled"`
	Conditions []Condition `json:"conditions"`
}

// Condition is a path that is open.
type Condition struct {
	Path string `json:"path"`
}

// Settings are the configuration as it is now.
type Settings struct{ file *reload.File[settings] }

type settings struct {
	issuers   *oidc.Issuers
	anonymous *Anonymous
}

// Options are what the configuration does not say.
type Options struct {
	// Reserved are issuers that may not be among the configured ones.
	Reserved []string
	Now      func() time.Time
	// Failed hears when a later version of the file is wrong.
	Failed func(error)
}

// Follow reads a file.
func Follow(name string, o Options) (*Settings, error) {
	f, err := reload.Follow(func() (*settings, error) {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := parse(data, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return s, nil
	}, o.Failed, name)
	if err != nil {
		return nil, err
	}
	return &Settings{f}, nil
}

// Of is settings with the issuers of flags.
func Of(j []oidc.JWT, o Options) (*Settings, error) {
	issuers, err := oidc.New(oidc.Config{JWT: j, Reserved: o.Reserved, Now: o.Now})
	if err != nil {
		return nil, err
	}
	return &Settings{reload.Fixed(&settings{issuers: issuers})}, nil
}

func parse(data []byte, o Options) (*settings, error) {
	var d Document
	if err := yaml.UnmarshalStrict(data, &d); err != nil {
		return nil, err
	}
	version, ok := strings.CutPrefix(d.APIVersion, "apiserver.config.k8s.io/")
	if !ok || version != "v1" && version != "v1beta1" && version != "v1alpha1" || d.Kind != "AuthenticationConfiguration" {
		return nil, fmt.Errorf("it is a %s of %s, not an AuthenticationConfiguration of apiserver.config.k8s.io/v1", d.Kind, d.APIVersion)
	}
	if a := d.Anonymous; a != nil {
		if len(a.Conditions) > 0 && !a.Enabled {
			return nil, errors.New("anonymous.conditions: there may be none where enabled is false")
		}
		for i, c := range a.Conditions {
			if !strings.HasPrefix(c.Path, "/") {
				return nil, fmt.Errorf("anonymous.conditions[%d].path: %q does not begin with a slash", i, c.Path)
			}
		}
	}
	issuers, err := oidc.New(oidc.Config{JWT: d.JWT, Reserved: o.Reserved, Now: o.Now})
	if err != nil {
		return nil, err
	}
	return &settings{issuers: issuers, anonymous: d.Anonymous}, nil
}

// Lookup returns who a token stands for; nil and no error for one of none of the issuers.
func (s *Settings) Lookup(ctx context.Context, token string) (*authenticationv1.UserInfo, error) {
	return s.file.Get().issuers.Lookup(ctx, token)
}

// Anonymous reports whether a request without credentials goes on; said is false where the configuration leaves
// that to the flag.
func (s *Settings) Anonymous(r *request.Request) (open, said bool) {
	a := s.file.Get().anonymous
	if a == nil {
		return false, false
	}
	if !a.Enabled || len(a.Conditions) == 0 {
		return a.Enabled, true
	}
	for _, c := range a.Conditions {
		if c.Path == r.Path {
			return true, true
		}
	}
	return false, true
}

// Again lets the next question look at the file at once.
func (s *Settings) Again() { s.file.Again() }
