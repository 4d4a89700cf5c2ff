package oidc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	askTimeout = 30 * time.Second
	// askEvery keeps tokens with made-up key ids from making this server ask the issuer all the time.
	askEvery   = time.Second
	mostAnswer = 1 << 20
)

// keySet is the keys of an issuer, as last published.
type keySet struct {
	issuer    string
	discovery string
	http      *http.Client
	now       func() time.Time

	mu    sync.Mutex
	url   string // of the keys, once discovered
	keys  []jose.JSONWebKey
	asked time.Time
}

func newKeySet(i *Issuer, now func() time.Time) (*keySet, error) {
	security := &tls.Config{MinVersion: tls.VersionTLS12}
	if i.CertificateAuthority != "" {
		security.RootCAs = x509.NewCertPool()
		if !security.RootCAs.AppendCertsFromPEM([]byte(i.CertificateAuthority)) {
			return nil, errors.New("issuer.certificateAuthority holds no certificate")
		}
	}
	discovery := i.DiscoveryURL
	if discovery == "" {
		discovery = strings.TrimSuffix(i.URL, "/") + "/.well-known/openid-configuration"
	}
	return &keySet{
		issuer: i.URL, discovery: discovery, now: now,
		http: &http.Client{Timeout: askTimeout, Transport: &http.Transport{TLSClientConfig: security, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}},
	}, nil
}

// verify returns what a token says if one of the issuer's keys signed it.
func (k *keySet) verify(ctx context.Context, parsed *jose.JSONWebSignature) ([]byte, error) {
	id := parsed.Signatures[0].Header.KeyID
	payload, known := k.try(parsed, id)
	if payload != nil {
		return payload, nil
	}
	// Its key may be newer than what was asked for last. With an id that is known there is no newer one.
	if !known || id == "" {
		if err := k.refresh(ctx); err != nil {
			return nil, err
		}
		if payload, _ = k.try(parsed, id); payload != nil {
			return payload, nil
		}
	}
	return nil, errors.New("failed to verify signature: failed to verify id token signature")
}

func (k *keySet) try(parsed *jose.JSONWebSignature, id string) (payload []byte, known bool) {
	k.mu.Lock()
	keys := k.keys
	k.mu.Unlock()
	for i := range keys {
		if id != "" && keys[i].KeyID != id {
			continue
		}
		known = true
		if payload, err := parsed.Verify(&keys[i]); err == nil {
			return payload, true
		}
	}
	return nil, known
}

// refresh asks the issuer for its keys, unless that was just done.
func (k *keySet) refresh(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.now(); now.Sub(k.asked) < askEvery && k.keys != nil {
		return nil
	} else { //nolint:revive // now is wanted here
		k.asked = now
	}
	if k.url == "" {
		var document struct {
			Issuer string `json:"issuer"`
			Keys   string `json:"jwks_uri"`
		}
		if err := k.get(ctx, k.discovery, &document); err != nil {
			return err
		}
		if document.Issuer != k.issuer {
			return fmt.Errorf("issuer did not match the issuer returned by provider, expected %q got %q", k.issuer, document.Issuer)
		}
		if !strings.HasPrefix(document.Keys, "https://") {
			return fmt.Errorf("the keys of issuer %s are at %q, which is no https URL", k.issuer, document.Keys)
		}
		k.url = document.Keys
	}
	var set jose.JSONWebKeySet
	if err := k.get(ctx, k.url, &set); err != nil {
		return err
	}
	k.keys = set.Keys
	return nil
}

func (k *keySet) get(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := k.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it is only read
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}
