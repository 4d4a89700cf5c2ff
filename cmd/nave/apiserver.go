package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	cliflag "k8s.io/component-base/cli/flag"

	"github.com/nave-k8s/nave/cmd/nave/flags"
	"github.com/nave-k8s/nave/server"
	"github.com/nave-k8s/nave/server/serve"
	"github.com/nave-k8s/nave/server/tracing"
	"github.com/nave-k8s/nave/server/version"
	"github.com/nave-k8s/nave/store"
)

// apiserverCommand runs the API server alone, with kube-apiserver's flags. It is the whole program when that is
// called kube-apiserver.
func apiserverCommand(name string) *cobra.Command {
	o := flags.New()
	c := &cobra.Command{
		Use:           name,
		Short:         "Run the API server alone, with kube-apiserver's flags",
		Long:          "Nave's API server, with the flags of kube-apiserver " + version.Documents + ". docs/flags.md tells what comes of each.",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Version {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "Kubernetes "+version.Kubernetes)
				return err
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return runAPIServer(ctx, o)
		},
	}
	global := o.Sections()
	f := global.FlagSet("Global")
	f.BoolP("help", "h", false, "print this")
	f.BoolVar(&o.Version, "version", false, "print the version")
	o.AddTo(c.Flags())
	c.Flags().AddFlagSet(f)
	cliflag.SetUsageAndHelpFunc(c, global, 0)
	return c
}

func runAPIServer(ctx context.Context, o *flags.Options) error {
	started := time.Now()
	collectSooner()
	level := &slog.LevelVar{}
	log := apiserverLog(o, level)
	err := o.Check(func(name, value, why string) {
		log.Warn("a flag has no effect", "flag", "--"+name, "value", value, "because", why)
	})
	if err != nil {
		return err
	}
	socket, err := listen(o.BindAddress.String(), o.SecurePort, sharing(o.ShareAddress, o.SharePort))
	if err != nil {
		return err
	}
	etcd := etcdOptions{servers: o.EtcdServers, caFile: o.EtcdCA, certFile: o.EtcdCert, keyFile: o.EtcdKey, timeout: o.StorageInitializationTimeout}
	traces := environmentTracing()
	if o.TracingConfig != "" {
		c, err := tracing.Read(o.TracingConfig)
		if err != nil {
			socket.Close() //nolint:errcheck // there is a better error to tell
			return fmt.Errorf("--tracing-config-file: %w", err)
		}
		traces = &c
	}
	p := plan{
		log: log, socket: socket, tracing: traces, linger: o.ShutdownDelay,
		open: func(ctx context.Context) (store.Store, error) { return etcd.open(ctx, "", log) },
		configure: func() (server.Config, serve.TLS, error) {
			c, secure, err := configure(o, log)
			c.SetVerbosity = func(n int) { setLevel(level, n) }
			return c, secure, err
		},
	}
	return p.run(ctx, func() error {
		log.Info("serving", "address", socket.Addr(), "ready after", time.Since(started).Round(time.Millisecond))
		return nil
	})
}

// apiserverLog writes to standard error, as much as --v says.
func apiserverLog(o *flags.Options, level *slog.LevelVar) *slog.Logger {
	setLevel(level, o.Verbosity)
	options := &slog.HandlerOptions{Level: level}
	if o.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

// setLevel is how much is logged at a value of --v.
func setLevel(level *slog.LevelVar, v int) {
	if v >= 4 {
		level.Set(slog.LevelDebug)
		return
	}
	level.Set(slog.LevelInfo)
}

// sharing sets what --permit-address-sharing and --permit-port-sharing ask for.
func sharing(address, port bool) func(string, string, syscall.RawConn) error {
	if !address && !port {
		return nil
	}
	return func(_, _ string, c syscall.RawConn) (err error) {
		controlErr := c.Control(func(fd uintptr) {
			if address {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
			}
			if port && err == nil {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
			}
		})
		if controlErr != nil {
			return controlErr
		}
		return err
	}
}
