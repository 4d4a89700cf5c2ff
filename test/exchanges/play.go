package exchanges

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Player sends scenarios to a server.
type Player struct {
	URL, Token string
	client     *http.Client
}

// NewPlayer returns a player that does not verify the server.
func NewPlayer(url, token string) *Player {
	return &Player{URL: url, Token: token, client: &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, DisableCompression: true}, //nolint:gosec // a test server's
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Play sends the steps in order and returns the differences of each; those of a quiet step are nil.
func (p *Player) Play(s *Scenario) ([][]string, error) {
	vars := variables{"NS": fmt.Sprintf("x%08x", rand.Uint32())}
	if s.needsNamespace {
		for path, body := range map[string]string{
			"/api/v1/namespaces": `{"metadata":{"name":"$NS"}}`,
		} {
			if err := p.scene(http.MethodPost, path, vars.expand(body)); err != nil {
				return nil, err
			}
		}
		if err := p.scene(http.MethodPost, vars.expand("/api/v1/namespaces/$NS/serviceaccounts"), `{"metadata":{"name":"default"}}`); err != nil {
			return nil, err
		}
		defer p.scene(http.MethodDelete, vars.expand("/api/v1/namespaces/$NS"), "") //nolint:errcheck // it is only tidier
	}
	out := make([][]string, len(s.Steps))
	for i := range s.Steps {
		got, err := p.step(&s.Steps[i], s.Vars, vars)
		if err != nil {
			got = Answer{Body: err.Error()}
		}
		if !s.Steps[i].Quiet {
			out[i] = differences(&s.want[i], &got, &s.Steps[i])
		}
	}
	return out, nil
}

// scene sends a request that sets the scene.
func (p *Player) scene(method, path, body string) error {
	_, _, err := p.send(&Step{Do: method + " " + path, Raw: body}, nil, variables{}, time.Minute)
	return err
}

// step sends one request, again if it is to be repeated, and keeps what it saves.
func (p *Player) step(s *Step, pieces map[string]any, vars variables) (Answer, error) {
	within := 5 * time.Second
	if s.Within > 0 {
		within = time.Duration(s.Within) * time.Second
	}
	for end := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		a, body, err := p.send(s, pieces, vars, within)
		if err != nil {
			return a, err
		}
		if s.Until != "" && !holds(s.Until, a.Code, body) && time.Now().Before(end) {
			continue
		}
		for name, path := range s.Save {
			vars[name] = fmt.Sprint(lookup(body, path))
		}
		return normalise(a, vars["NS"]), nil
	}
}

func holds(condition string, code int, body any) bool {
	if path, value, ok := strings.Cut(condition, "="); ok {
		return fmt.Sprint(lookup(body, path)) == value
	}
	return condition == strconv.Itoa(code)
}

func (p *Player) send(s *Step, pieces map[string]any, vars variables, within time.Duration) (a Answer, body any, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), within+30*time.Second)
	defer cancel()
	req, err := p.request(ctx, s, pieces, vars)
	if err != nil {
		return a, nil, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return a, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is only read
	a = Answer{Code: resp.StatusCode, Type: resp.Header.Get("Content-Type"), Warnings: resp.Header.Values("Warning")}
	if s.Events > 0 && resp.StatusCode == http.StatusOK {
		a.Events = readEvents(resp.Body, s.Events, within)
		return a, nil, nil
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, nil, err
	}
	if json.Unmarshal(data, &body) != nil {
		body = string(data)
		if strings.Contains(a.Type, "protobuf") {
			body = fmt.Sprintf("protobuf, starts with %q", data[:min(4, len(data))])
		}
	}
	a.Body = body
	return a, body, nil
}

func (p *Player) request(ctx context.Context, s *Step, pieces map[string]any, vars variables) (*http.Request, error) {
	method, path, ok := strings.Cut(vars.expand(s.Do), " ")
	if !ok {
		return nil, fmt.Errorf("%q is not METHOD PATH", s.Do)
	}
	var body io.Reader
	switch {
	case s.Raw != "":
		body = strings.NewReader(vars.expand(s.Raw))
	case s.Body != nil:
		js, err := json.Marshal(vars.build(s.Body, pieces))
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(js)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.URL+path, body)
	if err != nil {
		return nil, err
	}
	h := req.Header
	switch s.Token {
	case "":
		h.Set("Authorization", "Bearer "+p.Token)
	case "none":
	default:
		h.Set("Authorization", "Bearer "+vars.expand(s.Token))
	}
	if body != nil {
		h.Set("Content-Type", "application/json")
	}
	if s.Type != "" {
		h.Set("Content-Type", s.Type)
	}
	h.Set("Accept", "application/json")
	if s.Accept != "" {
		h.Set("Accept", s.Accept)
	}
	h.Set("User-Agent", "replay")
	for k, v := range s.Headers {
		h.Set(k, vars.expand(v))
	}
	return req, nil
}

// readEvents reads n watch events, or as many as come in time.
func readEvents(body io.ReadCloser, n int, within time.Duration) (events []any) {
	timer := time.AfterFunc(within, func() { body.Close() }) //nolint:errcheck // it is only read
	defer timer.Stop()
	for in := bufio.NewReader(body); len(events) < n; {
		line, err := in.ReadBytes('\n')
		var e any
		if json.Unmarshal(line, &e) == nil {
			events = append(events, e)
		}
		if err != nil {
			break
		}
	}
	return events
}
