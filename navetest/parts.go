package navetest

import (
	"context"
	"path/filepath"
	"sync"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/nave-k8s/nave/server"
	"github.com/nave-k8s/nave/server/pki"
	"github.com/nave-k8s/nave/server/serve"
)

// parts are what runs, and how it ends.
type parts struct {
	server   *server.Server
	listener *serve.Listener
	cancel   context.CancelFunc

	running sync.WaitGroup
	once    sync.Once
}

func (p *parts) run(f func()) { p.running.Go(f) }

// stop ends everything and waits until it has ended.
func (p *parts) stop() {
	p.once.Do(func() {
		p.server.Stop()
		p.cancel()
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		p.listener.Shutdown(ctx) //nolint:errcheck // what is left is cut off
		p.running.Wait()
	})
}

// configOf writes the kubeconfig and reads it as a client would.
func configOf(k pki.Kubeconfig, dir string) (*rest.Config, error) {
	data, err := k.Encode()
	if err != nil {
		return nil, err
	}
	if err := pki.WriteFile(filepath.Join(dir, "admin.kubeconfig"), data, 0o600); err != nil {
		return nil, err
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(data)
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // the server says when it is too much
	return config, nil
}
