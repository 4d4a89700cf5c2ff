// Package navetest gives a Go test a whole control plane in its own process: the API server, and the
// controllers that make what is declared come true. It starts in a fraction of a second, many run side by
// side, each with its own data, and nothing is left behind when the test ends.
//
//	cp := navetest.Start(t)
//	client := kubernetes.NewForConfigOrDie(cp.Config)
//
// It is what envtest is used for, without binaries to download, and with what envtest lacks: namespaces that
// go away, service accounts, garbage collection, workloads that get their pods.
package navetest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/rest"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/all"
	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/server"
	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/inprocess"
	"github.com/nave-k8s/nave/server/pki"
	"github.com/nave-k8s/nave/server/serve"
	"github.com/nave-k8s/nave/store/memory"
)

// A ControlPlane runs until its test ends, or Stop.
type ControlPlane struct {
	// Config reaches the API server as its administrator, over TLS.
	Config *rest.Config
	// Dir is a folder that goes with the control plane: ca.crt, admin.kubeconfig.
	Dir string

	stop func()
}

// stopTimeout is how long requests in flight may go on after Stop.
const stopTimeout = 50 * time.Millisecond

// Start starts a control plane and returns when it is ready. What fails fails the test.
func Start(t testing.TB, options ...Option) *ControlPlane {
	t.Helper()
	o := settings{controllers: []string{"*"}, now: time.Now, log: slog.New(slog.DiscardHandler)}
	for _, option := range options {
		option(&o)
	}
	cp, err := start(t.TempDir(), o)
	if err != nil {
		t.Fatalf("navetest: %v", err)
	}
	t.Cleanup(cp.Stop)
	return cp
}

// Stop stops the control plane before its test ends. It may be called more than once.
func (cp *ControlPlane) Stop() { cp.stop() }

func start(dir string, o settings) (_ *ControlPlane, err error) {
	folder := pki.Folder{Dir: dir, Now: time.Now}
	ca, err := folder.Authority("ca")
	if err != nil {
		return nil, err
	}
	serving, err := folder.Certificate(ca, pki.Leaf{File: "apiserver", CommonName: "kube-apiserver", Hosts: []string{"localhost", "127.0.0.1"}})
	if err != nil {
		return nil, err
	}
	admin, err := folder.Certificate(ca, pki.Leaf{File: "admin", CommonName: "kubernetes-admin", Organizations: []string{"system:masters"}})
	if err != nil {
		return nil, err
	}
	signingKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := socket.Addr().(*net.TCPAddr).AddrPort()
	tokens := &authn.Tokens{}
	ids := inprocess.NewIdentities(tokens, users())
	const issuer = "https://kubernetes.default.svc.cluster.local"
	s, err := server.New(server.Config{
		Store: memory.New(memory.Config{}), Kinds: kinds.NewSet(builtin.All()), Log: o.log, Now: o.now, Address: address.String(), Advertise: address,
		Authenticators: []authn.Authenticator{authn.NewCertificates(ca.Pool())}, Tokens: tokens,
		ServiceAccountKey: signingKey, Issuer: issuer, Audiences: []string{issuer},
		ServiceRanges: []netip.Prefix{netip.MustParsePrefix("10.96.0.0/16")},
	})
	if err != nil {
		socket.Close() //nolint:errcheck // there is a better error to tell
		return nil, err
	}
	handler := s.Handler()
	listener, err := serve.Listen(socket, serve.TLS{
		Certificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &serving, nil },
	}, handler, o.log)
	if err != nil {
		socket.Close() //nolint:errcheck // there is a better error to tell
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &parts{server: s, listener: listener, cancel: cancel}
	p.run(func() { s.Run(ctx) }) //nolint:errcheck // it ends when it is told to
	if err := s.Bootstrap(ctx); err != nil {
		p.stop()
		return nil, err
	}
	p.run(func() { listener.Serve() }) //nolint:errcheck // it ends when it is told to
	if len(o.controllers) > 0 {
		m := &control.Manager{
			ConfigFor: func(account string) *rest.Config { return ids.Config(handler, account, "navetest/"+account) },
			Log:       o.log, Now: o.now, Options: control.Options{RootCA: ca.PEM}, Enabled: o.controllers,
		}
		if err := control.CheckNames(o.controllers, all.Controllers()); err != nil {
			p.stop()
			return nil, err
		}
		p.run(func() { m.Run(ctx, all.Controllers()) }) //nolint:errcheck // it ends when it is told to
	}
	cp := &ControlPlane{Dir: dir, stop: p.stop}
	kubeconfig := pki.Kubeconfig{Name: "navetest", Server: "https://" + address.String(), CA: ca.PEM, Cert: admin}
	if cp.Config, err = configOf(kubeconfig, dir); err == nil {
		err = install(ctx, cp.Config, o.objects)
	}
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("starting: %w", err)
	}
	return cp, nil
}

// users are those that parts of the control plane work as.
func users() map[string]authenticationv1.UserInfo {
	out := map[string]authenticationv1.UserInfo{"": {Username: "system:kube-controller-manager"}}
	for _, c := range all.Controllers() {
		out[c.ServiceAccount] = serviceaccount.UserInfo("kube-system", c.ServiceAccount, "")
	}
	return out
}
