package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/etcd"
)

// etcdOptions say which database to use.
type etcdOptions struct {
	servers                   []string
	caFile, certFile, keyFile string
	timeout                   time.Duration // for the cluster to answer at the start; 0 for dialTimeout
}

func (o *etcdOptions) add(f *pflag.FlagSet) {
	f.StringSliceVar(&o.servers, "etcd-servers", nil, "etcd cluster to use instead of the embedded etcd: scheme://host:port, comma separated")
	f.StringVar(&o.caFile, "etcd-cafile", "", "CA of the etcd servers")
	f.StringVar(&o.certFile, "etcd-certfile", "", "client certificate for etcd")
	f.StringVar(&o.keyFile, "etcd-keyfile", "", "key of the client certificate for etcd")
}

// dialTimeout is how long an etcd cluster may take to answer at the start.
const dialTimeout = 20 * time.Second

// open starts the embedded etcd below dir, or connects to the cluster.
func (o *etcdOptions) open(ctx context.Context, dir string, log *slog.Logger) (store.Store, error) {
	if len(o.servers) == 0 {
		s, err := etcd.Start(ctx, etcd.EmbeddedConfig{Dir: filepath.Join(dir, "etcd"), Log: log})
		var locked *etcd.LockedError
		switch {
		case errors.As(err, &locked):
			return nil, fmt.Errorf("another process uses the data in %s; stop it, or choose another folder with --data-dir", dir)
		case err != nil:
			return nil, err
		}
		return s, nil
	}
	config, err := o.tls()
	if err != nil {
		return nil, err
	}
	timeout := o.timeout
	if timeout == 0 {
		timeout = dialTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	s, err := etcd.Dial(ctx, etcd.RemoteConfig{Endpoints: o.servers, TLS: config, Log: log})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (o *etcdOptions) tls() (*tls.Config, error) {
	if o.caFile == "" && o.certFile == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.caFile != "" {
		data, err := os.ReadFile(o.caFile)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("--etcd-cafile %s holds no certificate", o.caFile)
		}
	}
	if o.certFile != "" {
		pair, err := tls.LoadX509KeyPair(o.certFile, o.keyFile)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
