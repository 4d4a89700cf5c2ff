package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/server"
	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/inprocess"
	"github.com/nave-k8s/nave/server/pki"
	"github.com/nave-k8s/nave/server/serve"
	"github.com/nave-k8s/nave/store"
)

// A process is everything nave up runs.
type process struct {
	url        string
	kubeconfig string

	store    store.Store
	server   *server.Server
	listener *serve.Listener
	log      *slog.Logger

	handler     http.Handler
	identities  inprocess.Identities
	controllers bool
	rootCA      []byte

	stop    context.CancelFunc
	running chan error // what ended by itself
}

// stopTimeout is how long requests in flight may go on after the signal to stop.
const stopTimeout = 800 * time.Millisecond

// prepare makes keys and certificates, opens the database and puts the server together.
func (o *upOptions) prepare(ctx context.Context, socket net.Listener, log *slog.Logger) (_ *process, err error) {
	p := &process{log: log, running: make(chan error, 2)}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	host := o.bindAddress
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	address := net.JoinHostPort(host, portText(socket.Addr().(*net.TCPAddr).Port))
	p.url = "https://" + address
	opened := make(chan error, 1)
	go func() { // the database takes the longest: keys are made meanwhile
		var err error
		p.store, err = o.etcd.open(ctx, o.dataDir, log)
		opened <- err
	}()
	keys, keysErr := o.makeKeys(host)
	if err := errors.Join(<-opened, keysErr); err != nil {
		return nil, err
	}
	tokens, err := readTokens(o.tokenFile)
	if err != nil {
		return nil, err
	}
	tokens.Add(keys.token, authenticationv1.UserInfo{Username: "admin", UID: "admin", Groups: []string{"system:masters"}})
	p.kubeconfig, err = o.writeAdminFiles(pki.Kubeconfig{Name: "nave", Server: p.url, CA: keys.ca.PEM, Cert: keys.admin}, keys.token)
	if err != nil {
		return nil, err
	}
	p.identities, p.controllers, p.rootCA = inprocess.NewIdentities(tokens, controllerUsers()), o.with("controllers"), keys.ca.PEM
	ranges, err := parseRanges(o.serviceCIDR)
	if err != nil {
		return nil, err
	}
	const issuer = "https://kubernetes.default.svc.cluster.local"
	p.server, err = server.New(server.Config{
		Store: p.store, Kinds: kinds.NewSet(builtin.All()), Log: log,
		Address: address, Advertise: advertise(o.bindAddress, socket), ServiceRanges: ranges,
		Authenticators: []authn.Authenticator{authn.NewCertificates(keys.ca.Pool())}, Tokens: tokens,
		ServiceAccountKey: keys.serviceAccount, Issuer: issuer, Audiences: []string{issuer},
		Modes: o.authorization, EnableAdmission: o.enableAdmission, DisableAdmission: o.disableAdmission,
	})
	if err != nil {
		return nil, err
	}
	p.handler = p.server.Handler()
	p.listener, err = serve.Listen(socket, &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{keys.serving},
		ClientAuth: tls.RequestClientCert, // authn verifies it: a bad one is a 401, not a failed handshake
	}, p.handler, log)
	return p, err
}

// advertise is where other hosts reach the server: the address it is bound to, or the host's own where that is
// the loopback's or every address. The zero value where the host has none.
func advertise(bind string, socket net.Listener) netip.AddrPort {
	ip, err := utilnet.ResolveBindAddress(net.ParseIP(bind))
	if err != nil {
		return netip.AddrPort{}
	}
	a, _ := netip.AddrFromSlice(ip)
	return netip.AddrPortFrom(a.Unmap(), uint16(socket.Addr().(*net.TCPAddr).Port))
}

// readTokens reads the file of static tokens; "" for none.
func readTokens(file string) (*authn.Tokens, error) {
	if file == "" {
		return &authn.Tokens{}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it is only read
	return authn.ReadTokens(f)
}

// start runs the server and waits until it is ready.
func (p *process) start(ctx context.Context) error {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	go func() {
		if err := p.server.Run(run); err != nil && !errors.Is(err, context.Canceled) {
			p.running <- err
		}
	}()
	if err := p.server.Bootstrap(ctx); err != nil {
		return err
	}
	go func() { p.running <- p.listener.Serve() }()
	if p.controllers {
		go func() {
			if err := p.runControllers(run, p.rootCA); err != nil && !errors.Is(err, context.Canceled) {
				p.running <- err
			}
		}()
	}
	return nil
}

// wait returns when the context ends, after a clean stop, or when something ended by itself.
func (p *process) wait(ctx context.Context) error {
	select {
	case err := <-p.running:
		return err
	case <-ctx.Done():
	}
	p.server.Stop()
	end, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return p.listener.Shutdown(end)
}

// close lets go of what there is.
func (p *process) close() {
	if p.stop != nil {
		p.stop()
	}
	if p.store != nil {
		p.store.Close() //nolint:errcheck // the process ends
	}
}
