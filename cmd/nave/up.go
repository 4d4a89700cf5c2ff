package main

import (
	"context"
	"errors"
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

	"github.com/nave-k8s/nave/server/pki"
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
	for _, part := range o.without {
		if !slices.Contains(parts, part) {
			return fmt.Errorf("--without %s: there is no such part; the parts are %s", part, strings.Join(parts, ", "))
		}
	}
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	if err := os.MkdirAll(o.dataDir, 0o700); err != nil {
		return err
	}
	socket, err := listen(o.bindAddress, o.securePort)
	if err != nil {
		return err
	}
	p, err := o.prepare(ctx, socket, log)
	if err != nil {
		socket.Close() //nolint:errcheck // there is a better error to tell
		return err
	}
	defer p.close()
	if err := p.start(ctx); err != nil {
		return err
	}
	o.greet(out, p, time.Since(started))
	return p.wait(ctx)
}

// listen takes the socket, and says who has it if somebody has.
func listen(address string, port int) (net.Listener, error) {
	socket, err := net.Listen("tcp", net.JoinHostPort(address, portText(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d of %s is taken, perhaps by another nave up; choose another with --secure-port, or 0 for any", port, address)
	}
	return socket, err
}

// greet prints the one screen that a user sees.
func (o *upOptions) greet(out io.Writer, p *process, took time.Duration) {
	fmt.Fprintf(out, `Nave serves Kubernetes 1.37 at %s  (ready after %s)

  export KUBECONFIG=%s
  kubectl get namespaces

Data is in %s. Ctrl-C stops it; nothing is lost.
`, p.url, took.Round(time.Millisecond), p.kubeconfig, o.dataDir) //nolint:errcheck // standard output
}

// writeAdminFiles writes ca.crt, admin.kubeconfig and admin.token for the administrator.
func (o *upOptions) writeAdminFiles(k pki.Kubeconfig, token string) (file string, err error) {
	data, err := k.Encode()
	if err != nil {
		return "", err
	}
	file = filepath.Join(o.dataDir, "admin.kubeconfig")
	if err := pki.WriteFile(file, data, 0o600); err != nil {
		return "", err
	}
	if o.writeKubeconfig != "" {
		if err := pki.WriteFile(o.writeKubeconfig, data, 0o600); err != nil {
			return "", err
		}
	}
	return file, pki.WriteFile(filepath.Join(o.dataDir, "admin.token"), []byte(token+"\n"), 0o600)
}
