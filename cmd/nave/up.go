package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/server"
	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/inprocess"
	"github.com/nave-k8s/nave/server/pki"
	"github.com/nave-k8s/nave/server/serve"
	"github.com/nave-k8s/nave/store"
)

// upOptions are the flags of nave up. They are stable.
type upOptions struct {
	dataDir          string
	bindAddress      string
	securePort       int
	writeKubeconfig  string
	etcd             etcdOptions
	serviceCIDR      string
	tokenFile        string
	without          []string
	enableAdmission  []string
	disableAdmission []string
	authorization    []string
	verbose          bool
	values           map[string]string // of all flags
}

// parts are what nave up can be told to leave out.
var parts = []string{"controllers", "scheduler", "cloud", "nodes"}

func upCommand() *cobra.Command {
	o := upOptions{}
	c := &cobra.Command{
		Use:   "up",
		Short: "Start everything in one process",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			o.values = map[string]string{}
			cmd.Flags().VisitAll(func(f *pflag.Flag) { o.values[f.Name] = f.Value.String() })
			return o.run(ctx, cmd.OutOrStdout())
		},
	}
	f := c.Flags()
	f.StringVar(&o.dataDir, "data-dir", defaultDataDir(), "folder for the database, keys and certificates")
	f.StringVar(&o.bindAddress, "bind-address", "127.0.0.1", "address to listen on")
	f.IntVar(&o.securePort, "secure-port", 6443, "port to listen on; 0 for any that is free")
	f.StringVar(&o.writeKubeconfig, "write-kubeconfig", "", "write the administrator's kubeconfig to this file, too")
	o.etcd.add(f)
	f.StringVar(&o.serviceCIDR, "service-cluster-ip-range", "10.96.0.0/16", "range of the services' cluster IPs; two, separated by a comma, for dual stack")
	f.StringVar(&o.tokenFile, "token-auth-file", "", "file of static bearer tokens: token,user,uid,\"group,group\"")
	f.StringSliceVar(&o.without, "without", nil, "parts not to start: "+strings.Join(parts, ", "))
	f.StringSliceVar(&o.enableAdmission, "enable-admission-plugins", nil, "admission plugins to use besides the default ones")
	f.StringSliceVar(&o.disableAdmission, "disable-admission-plugins", nil, "default admission plugins not to use")
	f.StringSliceVar(&o.authorization, "authorization-mode", []string{"Node", "RBAC"}, "how requests are authorized: Node, RBAC, AlwaysAllow, AlwaysDeny")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log more")
	return c
}

// defaultDataDir is a folder of the user's for state (XDG Base Directory Specification).
func defaultDataDir() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "nave")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), fmt.Sprintf("nave-%d", os.Getuid()))
	}
	return filepath.Join(home, ".local", "state", "nave")
}

func (o *upOptions) run(ctx context.Context, out io.Writer) error {
	started := time.Now()
	collectSooner()
	for _, part := range o.without {
		if !slices.Contains(parts, part) {
			return fmt.Errorf("--without %s: there is no such part; the parts are %s", part, strings.Join(parts, ", "))
		}
	}
	level := &slog.LevelVar{}
	level.Set(slog.LevelWarn)
	if o.verbose {
		level.Set(slog.LevelInfo)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	if err := os.MkdirAll(o.dataDir, 0o700); err != nil {
		return err
	}
	socket, err := listen(o.bindAddress, o.securePort, nil)
	if err != nil {
		return err
	}
	c := &controllers{log: log}
	var admin administrator
	p := plan{
		log: log, socket: socket, tracing: environmentTracing(),
		open: func(ctx context.Context) (store.Store, error) { return o.etcd.open(ctx, o.dataDir, log) },
		configure: func() (server.Config, serve.TLS, error) {
			config, secure, err := o.configure(socket, c, &admin, log)
			config.Flags, config.SetVerbosity = o.values, func(n int) { setLevel(level, n) }
			return config, secure, err
		},
	}
	if o.with("controllers") {
		p.beside = c.run
	}
	return p.run(ctx, func() error {
		// Not before: another server may be using the folder, which the database tells.
		if err := o.writeAdminFiles(admin); err != nil {
			return err
		}
		o.greet(out, o.url(socket), time.Since(started))
		return nil
	})
}

// An administrator is known by a certificate, which is in the kubeconfig, and by a token.
type administrator struct {
	kubeconfig pki.Kubeconfig
	token      string
}

// host is by which the server is reached from this machine.
func (o *upOptions) host() string {
	if ip := net.ParseIP(o.bindAddress); ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return o.bindAddress
}

func (o *upOptions) address(socket net.Listener) string {
	return net.JoinHostPort(o.host(), portText(portOf(socket)))
}

func (o *upOptions) url(socket net.Listener) string { return "https://" + o.address(socket) }

// configure says what the server is made of, what runs beside it, and by what its administrator is known.
func (o *upOptions) configure(socket net.Listener, beside *controllers, admin *administrator, log *slog.Logger) (c server.Config, secure serve.TLS, err error) {
	c.ServiceRanges, err = parseRanges(o.serviceCIDR)
	if err != nil {
		return c, secure, err
	}
	keys, err := o.makeKeys(o.host(), c.ServiceRanges, func(err error) { log.Warn("the serving certificate could not be read again", "err", err) })
	if err != nil {
		return c, secure, err
	}
	if c.Tokens, err = readTokens(o.tokenFile); err != nil {
		return c, secure, err
	}
	c.Tokens.Add(keys.token, authenticationv1.UserInfo{Username: "admin", UID: "admin", Groups: []string{"system:masters"}})
	beside.identities, beside.rootCA = inprocess.NewIdentities(c.Tokens, controllerUsers()), keys.ca.PEM
	admin.kubeconfig = pki.Kubeconfig{Name: "nave", Server: o.url(socket), CA: keys.ca.PEM, Cert: keys.admin}
	admin.token = keys.token
	ca := keys.ca.Bundle()
	const issuer = "https://kubernetes.default.svc.cluster.local"
	c.Kinds = kinds.NewSet(builtin.All())
	c.Address, c.Advertise = o.address(socket), advertise(net.ParseIP(o.bindAddress), portOf(socket))
	c.Published.ClientCA = ca.PEM()
	c.Authenticators = []authn.Authenticator{authn.FollowCertificates(ca.Pool)}
	c.ServiceAccountKey, c.Issuer, c.Audiences = keys.serviceAccount, issuer, []string{issuer}
	c.Modes, c.EnableAdmission, c.DisableAdmission = o.authorization, o.enableAdmission, o.disableAdmission
	return c, serve.TLS{Certificate: pki.ByName(keys.serving, nil), ClientCAs: ca.Pool}, nil
}

// greet prints the one screen that a user sees.
func (o *upOptions) greet(out io.Writer, url string, took time.Duration) {
	fmt.Fprintf(out, `Nave serves Kubernetes 1.37 at %s  (ready after %s)

  export KUBECONFIG=%s
  kubectl get namespaces

Data is in %s. Ctrl-C stops it; nothing is lost.
`, url, took.Round(time.Millisecond), o.kubeconfig(), o.dataDir) //nolint:errcheck // standard output
}

func (o *upOptions) kubeconfig() string { return filepath.Join(o.dataDir, "admin.kubeconfig") }

// writeAdminFiles writes admin.kubeconfig and admin.token for the administrator.
func (o *upOptions) writeAdminFiles(a administrator) error {
	data, err := a.kubeconfig.Encode()
	if err != nil {
		return err
	}
	for _, file := range []string{o.kubeconfig(), o.writeKubeconfig} {
		if file == "" {
			continue
		}
		if err := pki.WriteFile(file, data, 0o600); err != nil {
			return err
		}
	}
	return pki.WriteFile(filepath.Join(o.dataDir, "admin.token"), []byte(a.token+"\n"), 0o600)
}
