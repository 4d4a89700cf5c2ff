package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/cmd/nave/flags"
	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server"
	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/bootstrap"
	"github.com/nave-k8s/nave/server/connect"
	"github.com/nave-k8s/nave/server/pki"
	"github.com/nave-k8s/nave/server/serve"
)

// configure says by kube-apiserver's flags what a server is made of.
func configure(o *flags.Options, log *slog.Logger) (c server.Config, secure serve.TLS, err error) {
	ranges := o.ServiceClusterIPRange
	if ranges == "" {
		ranges = "10.0.0.0/24"
	}
	if c.ServiceRanges, err = parseRanges(ranges); err != nil {
		return c, secure, err
	}
	addresses(o, &c)
	steps := []func() error{
		func() error { return identify(o, &c, log) },
		func() error { return tokens(o, &c) },
		func() error { return logins(o, &c, log) },
		func() error { return rights(o, &c) },
		func() error { return kubelets(o, &c) },
		func() error { return decor(o, &c) },
		func() (err error) { secure, err = secureServing(o, &c, log); return err },
		func() (err error) { c.AdmissionSettings, err = admissionSettings(o.AdmissionConfig); return err },
		func() error {
			all, err := served(o.RuntimeConfig, o.EventTTL, log)
			c.Kinds = kinds.NewSet(all)
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return c, secure, err
		}
	}
	c.EnableAdmission, c.DisableAdmission = o.EnableAdmission, o.DisableAdmission
	c.NotReadySeconds, c.UnreachableSeconds = &o.NotReadySeconds, &o.UnreachableSeconds
	c.NodePorts = o.NodePortRange
	c.MaxRequests, c.MaxMutatingRequests = orOff(o.MaxRequests), orOff(o.MaxMutatingRequests)
	c.NoFairness = !o.Fairness
	c.RequestTimeout, c.MinWatchTimeout = o.RequestTimeout, time.Duration(o.MinRequestTimeout)*time.Second
	c.CompactEvery = orOff(o.EtcdCompactionInterval)
	c.HealthTimeout, c.ReadyTimeout = o.EtcdHealthTimeout, o.ReadyTimeout
	c.NoProfiles, c.Flags = !o.Profiling, o.Values()
	return c, secure, nil
}

// orOff: what flags call 0 is negative in a server's configuration.
func orOff[T int | time.Duration](v T) T {
	if v == 0 {
		return -1
	}
	return v
}

// addresses says where the server is reached.
func addresses(o *flags.Options, c *server.Config) {
	c.Advertise = advertise(o.BindAddress, o.SecurePort)
	if o.AdvertiseAddress != nil && !o.AdvertiseAddress.IsUnspecified() {
		c.Advertise = addrPort(o.AdvertiseAddress, o.SecurePort)
	}
	host := o.ExternalHostname
	if host == "" && c.Advertise.IsValid() {
		host = c.Advertise.Addr().String()
	}
	c.Address = net.JoinHostPort(host, portText(o.SecurePort))
	if o.EndpointReconciler == "none" {
		c.Advertise = addrPort(nil, o.SecurePort)
	}
}

// identify says who is known by what.
func identify(o *flags.Options, c *server.Config, log *slog.Logger) error {
	again := func(err error) { log.Warn("a file of CAs could not be read again", "err", err) }
	if o.RequestHeaderCA != "" {
		ca, err := pki.FollowBundle(o.RequestHeaderCA, again)
		if err != nil {
			return fmt.Errorf("--requestheader-client-ca-file: %w", err)
		}
		proxies := authn.RequestHeaders{
			CA: ca.Pool, Names: o.RequestHeaderNames, User: o.RequestHeaderUsers, UID: o.RequestHeaderUIDs,
			Group: o.RequestHeaderGroups, Extra: o.RequestHeaderExtras,
		}
		c.Authenticators = append(c.Authenticators, authn.NewFrontProxy(proxies))
		c.Published = bootstrap.Authentication{
			RequestHeaderCA: ca.PEM(), AllowedNames: o.RequestHeaderNames, Users: o.RequestHeaderUsers, UIDs: o.RequestHeaderUIDs,
			Groups: o.RequestHeaderGroups, Extras: o.RequestHeaderExtras,
		}
	}
	if o.ClientCA != "" {
		ca, err := pki.FollowBundle(o.ClientCA, again)
		if err != nil {
			return fmt.Errorf("--client-ca-file: %w", err)
		}
		c.Authenticators = append(c.Authenticators, authn.FollowCertificates(ca.Pool))
		c.Published.ClientCA = ca.PEM()
	}
	c.NoAnonymous = !o.AnonymousAuth
	var err error
	if c.Tokens, err = readTokens(o.TokenFile); err != nil {
		return fmt.Errorf("--token-auth-file: %w", err)
	}
	return nil
}

// tokens says how tokens of service accounts are signed and checked.
func tokens(o *flags.Options, c *server.Config) error {
	pem, err := os.ReadFile(o.SigningKey)
	if err == nil {
		c.ServiceAccountKey, err = serviceaccount.ParsePrivateKey(pem)
	}
	if err != nil {
		return fmt.Errorf("--service-account-signing-key-file: %w", err)
	}
	for _, file := range o.ServiceAccountKeys {
		pem, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("--service-account-key-file: %w", err)
		}
		keys, err := serviceaccount.ParsePublicKeys(pem)
		if err != nil {
			return fmt.Errorf("--service-account-key-file %s: %w", file, err)
		}
		c.TokenKeys = append(c.TokenKeys, keys...)
	}
	c.Issuer, c.OtherIssuers = o.ServiceAccountIssuers[0], o.ServiceAccountIssuers[1:]
	c.Audiences = o.APIAudiences
	if len(c.Audiences) == 0 {
		c.Audiences = o.ServiceAccountIssuers
	}
	c.KeysURL, c.MaxTokenTime = o.JWKSURI, o.MaxTokenExpiration
	c.ShortTokens, c.NoTokenLookup = !o.ExtendTokenExpiration, !o.ServiceAccountLookup
	return nil
}

// kubelets says how nodes are spoken to.
func kubelets(o *flags.Options, c *server.Config) error {
	c.Kubelet = connect.KubeletConfig{Timeout: o.KubeletTimeout}
	for _, t := range o.KubeletAddressTypes {
		c.Kubelet.AddressTypes = append(c.Kubelet.AddressTypes, corev1.NodeAddressType(t))
	}
	if o.KubeletCA != "" {
		ca, err := pki.FollowBundle(o.KubeletCA, func(error) {})
		if err != nil {
			return fmt.Errorf("--kubelet-certificate-authority: %w", err)
		}
		c.Kubelet.CA = ca.Pool()
	}
	if o.KubeletCert != "" {
		pair, err := tls.LoadX509KeyPair(o.KubeletCert, o.KubeletKey)
		if err != nil {
			return fmt.Errorf("--kubelet-client-certificate: %w", err)
		}
		c.Kubelet.Certificate = &pair
	}
	return nil
}

// decor says what every answer gets.
func decor(o *flags.Options, c *server.Config) error {
	c.Decor = serve.Decor{
		StrictTransportSecurity: strings.Join(o.StrictTransportSecurity, "; "), GoawayChance: o.GoawayChance,
	}
	for _, text := range o.CORSAllowedOrigins {
		re, err := regexp.Compile(text)
		if err != nil {
			return fmt.Errorf("--cors-allowed-origins: %w", err)
		}
		c.Decor.Origins = append(c.Decor.Origins, re)
	}
	return nil
}

// clientCAs are all CAs of which a client may show a certificate; nil for none.
func clientCAs(o *flags.Options, again func(error)) (func() *x509.CertPool, error) {
	return pki.FollowPool(again, slices.DeleteFunc([]string{o.ClientCA, o.RequestHeaderCA}, func(file string) bool { return file == "" })...)
}
