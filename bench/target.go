package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// A target is the API server that is measured.
type target struct {
	config  *rest.Config
	url     string
	process process
	command *exec.Cmd // nil if it is somebody else's
}

// targetOf is the server of a kubeconfig.
func targetOf(kubeconfig string, pid int) (*target, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	return &target{config: config, url: strings.TrimSuffix(config.Host, "/"), process: process(pid)}, nil
}

// startNave starts nave up on the folder and waits until it answers a request of a client. It is the API server
// alone that is measured: controllers would add work of their own to every write. What it logs is in the
// folder.
func startNave(ctx context.Context, binary, dir string) (*target, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c := exec.Command(binary, "up", "--data-dir", dir, "--secure-port", "0", "--without", "controllers,scheduler,cloud,nodes")
	log, err := os.Create(filepath.Join(dir, "bench.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the child has it open, too
	c.Stderr = log
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "ready after") {
	}
	go func() { // what else it prints
		for lines.Scan() {
		}
	}()
	t, err := targetOf(filepath.Join(dir, "admin.kubeconfig"), c.Process.Pid)
	if err != nil {
		stopCommand(c)
		return nil, err
	}
	t.command = c
	if err := t.ready(ctx); err != nil {
		t.stop()
		return nil, err
	}
	return t, nil
}

func (t *target) stop() { stopCommand(t.command) }

// ready waits until the server says that it is ready and lists the namespaces.
func (t *target) ready(ctx context.Context) error {
	c, err := t.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		_, err := c.do(ctx, request{method: "GET", path: "/readyz"})
		if err == nil {
			_, err = c.do(ctx, request{method: "GET", path: "/api/v1/namespaces/default"})
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not become ready: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// client is a client with a connection of its own.
func (t *target) client() (*client, error) {
	tls, err := rest.TLSConfigFor(t.config)
	if err != nil {
		return nil, err
	}
	if tls == nil {
		return nil, fmt.Errorf("%s is not HTTPS", t.url)
	}
	var rt http.RoundTripper = transport(tls)
	if rt, err = rest.HTTPWrappersForConfig(t.config, rt); err != nil {
		return nil, err
	}
	return &client{url: t.url, http: &http.Client{Transport: rt}}, nil
}
