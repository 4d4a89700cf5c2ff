// Package webhook speaks to the servers that decide on tokens and access in this server's stead: a kubeconfig
// file names each, a review object is posted, and the same object comes back with its status filled in.
// Callers: authn/tokenwebhook, authz/webhook.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Client posts reviews to one server. Its methods may be called by many goroutines.
type Client struct {
	url     string
	http    *http.Client
	timeout time.Duration
}

// timeoutDefault is how long one attempt may take.
const timeoutDefault = 30 * time.Second

// New returns a client of the server that the current context of a kubeconfig file names; timeout 0 is half a
// minute.
func New(kubeconfig string, timeout time.Duration) (*Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	if config.Host == "" {
		return nil, fmt.Errorf("%s names no server", kubeconfig)
	}
	// A redirect could lead a review, with the token in it, anywhere.
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	url := config.Host
	if timeout == 0 {
		timeout = timeoutDefault
	}
	return &Client{url: url, http: client, timeout: timeout}, nil
}

// attempts are made while the server cannot be reached or is out of order; each waits longer than the last.
const attempts = 5

const mostAnswer = 1 << 20

// Post sends a review and reads the answer into it.
func (c *Client) Post(ctx context.Context, review any) error {
	body, err := json.Marshal(review)
	if err != nil {
		return err
	}
	pause := 500 * time.Millisecond
	for n := 1; ; n++ {
		answer, again, err := c.once(ctx, body)
		if err == nil {
			return json.Unmarshal(answer, review)
		}
		if !again || n == attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause += pause / 2
	}
}

func (c *Client) once(ctx context.Context, body []byte) (answer []byte, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, ctx.Err() == nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is only read
	answer, err = io.ReadAll(io.LimitReader(resp.Body, mostAnswer+1))
	switch {
	case err != nil:
		return nil, true, err
	case len(answer) > mostAnswer:
		return nil, false, errors.New("the webhook's answer is too long")
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return nil, true, fmt.Errorf("the webhook answered %s", resp.Status)
	case resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated:
		return nil, false, fmt.Errorf("the webhook answered %s", resp.Status)
	}
	return answer, false, nil
}
