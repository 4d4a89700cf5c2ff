package main

import (
	"fmt"
	"log/slog"
	"time"

	cliflag "k8s.io/component-base/cli/flag"

	"github.com/nave-k8s/nave/cmd/nave/flags"
	"github.com/nave-k8s/nave/server"
	"github.com/nave-k8s/nave/server/pki"
	"github.com/nave-k8s/nave/server/serve"
)

// secureServing says by kube-apiserver's flags how connections are secured.
func secureServing(o *flags.Options, c *server.Config, log *slog.Logger) (t serve.TLS, err error) {
	if t.MinVersion, err = cliflag.TLSVersion(o.MinTLSVersion); err != nil {
		return t, fmt.Errorf("--tls-min-version: %w", err)
	}
	if t.CipherSuites, err = cliflag.TLSCipherSuites(o.CipherSuites); err != nil {
		return t, fmt.Errorf("--tls-cipher-suites: %w", err)
	}
	if t.Curves, err = cliflag.TLSCurvePreferences(o.Curves); err != nil {
		return t, fmt.Errorf("--tls-curve-preferences: %w", err)
	}
	t.NoHTTP2, t.MaxStreams = o.DisableHTTP2, o.HTTP2MaxStreams
	again := func(err error) { log.Warn("a serving certificate could not be read again", "err", err) }
	cert, key := o.TLSCert, o.TLSKey
	if cert == "" {
		host := o.BindAddress.String()
		if o.BindAddress.IsUnspecified() && c.Advertise.Addr().IsValid() {
			host = c.Advertise.Addr().String()
		}
		names := servingNames(c.ServiceRanges, host)
		if o.AdvertiseAddress != nil {
			names = append(names, o.AdvertiseAddress.String())
		}
		f := pki.Folder{Dir: o.CertDir, Now: time.Now}
		leaf := pki.Leaf{File: "apiserver", CommonName: fmt.Sprintf("%s@%d", host, time.Now().Unix()), Hosts: names}
		if cert, key, err = f.SelfSigned(leaf); err != nil {
			return t, fmt.Errorf("--cert-dir: %w; choose a folder that can be written, or give --tls-cert-file and --tls-private-key-file", err)
		}
	}
	pair, err := pki.FollowPair(cert, key, again)
	if err != nil {
		return t, err
	}
	var named []pki.Named
	for _, n := range o.SNI {
		p, err := pki.FollowPair(n.CertFile, n.KeyFile, again)
		if err != nil {
			return t, fmt.Errorf("--tls-sni-cert-key: %w", err)
		}
		named = append(named, pki.Named{Pair: p, Names: n.Names})
	}
	t.Certificate = pki.ByName(pair, named)
	cas, err := clientCAs(o, again)
	if err != nil {
		return t, err
	}
	t.ClientCAs = cas
	return t, nil
}
