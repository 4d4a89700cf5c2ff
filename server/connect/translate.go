package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/apimachinery/pkg/util/httpstream/spdy"
	"k8s.io/apimachinery/pkg/util/httpstream/wsstream"
	protocol "k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
)

const (
	// streamIdle ends a client's WebSocket on which nothing has been said for so long.
	streamIdle = 4 * time.Hour
	// pingPeriod keeps middleboxes from forgetting the connection to the kubelet.
	pingPeriod = 5 * time.Second
)

var spdyProtocols = []string{protocol.StreamProtocolV5Name, protocol.StreamProtocolV4Name, protocol.StreamProtocolV3Name, protocol.StreamProtocolV2Name, protocol.StreamProtocolV1Name}

// translate serves a client that speaks WebSocket (v5, KEP-4006) with a kubelet that speaks SPDY.
func (s *connector) translate(w http.ResponseWriter, r *http.Request, location *url.URL, want streams) error {
	conn, resp, err := dialSPDY(r, location, s.kubelet.transport, spdyProtocols)
	if err != nil {
		return err
	}
	if conn == nil {
		return passRefusal(w, resp)
	}
	defer conn.Close()
	executor, err := remotecommand.NewSPDYExecutorForProtocols(answered{resp}, dialled{conn}, http.MethodPost, location, spdyProtocols...)
	if err != nil {
		return err
	}
	socket, channels, err := openSocket(w, r, want)
	if err != nil {
		return nil // the WebSocket library has answered
	}
	defer socket.Close()
	options := remotecommand.StreamOptions{Tty: want.TTY}
	if want.Stdin {
		options.Stdin = channels[protocol.StreamStdIn]
	}
	if want.Stdout {
		options.Stdout = channels[protocol.StreamStdOut]
	}
	if want.Stderr {
		options.Stderr = channels[protocol.StreamStdErr]
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if want.TTY {
		options.TerminalSizeQueue = newSizes(ctx, channels[protocol.StreamResize])
	}
	status := outcome(executor.StreamWithContext(ctx, options))
	if data, err := json.Marshal(status); err == nil {
		_, _ = channels[protocol.StreamErr].Write(data)
	}
	return nil
}

// dialSPDY opens a SPDY connection to the kubelet.
func dialSPDY(r *http.Request, location *url.URL, transport http.RoundTripper, protocols []string) (*backend, *http.Response, error) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, location.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set(httpstream.HeaderConnection, httpstream.HeaderUpgrade)
	req.Header.Set(httpstream.HeaderUpgrade, spdy.HeaderSpdy31)
	for _, p := range protocols {
		req.Header.Add(httpstream.HeaderProtocolVersion, p)
	}
	return dialUpgrade(req, transport)
}

// answered and dialled give the executor the connection that is there already: it was made first, so that
// a refusal of the kubelet reaches the client as an answer to its request.
type answered struct{ resp *http.Response }

func (a answered) RoundTrip(*http.Request) (*http.Response, error) { return a.resp, nil }

type dialled struct{ conn *backend }

func (d dialled) NewConnection(*http.Response) (httpstream.Connection, error) {
	return spdy.NewClientConnectionWithPings(d.conn, pingPeriod)
}

// openSocket accepts the client's WebSocket. Channels are numbered as file descriptors, then errors, then
// sizes of the terminal.
func openSocket(w http.ResponseWriter, r *http.Request, want streams) (*wsstream.Conn, []io.ReadWriteCloser, error) {
	kinds := make([]wsstream.ChannelType, 5)
	use := func(channel int, wanted bool, kind wsstream.ChannelType) {
		kinds[channel] = wsstream.IgnoreChannel
		if wanted {
			kinds[channel] = kind
		}
	}
	use(protocol.StreamStdIn, want.Stdin, wsstream.ReadChannel)
	use(protocol.StreamStdOut, want.Stdout, wsstream.WriteChannel)
	use(protocol.StreamStdErr, want.Stderr, wsstream.WriteChannel)
	use(protocol.StreamErr, true, wsstream.WriteChannel)
	use(protocol.StreamResize, true, wsstream.ReadChannel)
	socket := wsstream.NewConn(map[string]wsstream.ChannelProtocolConfig{
		protocol.StreamProtocolV5Name: {Binary: true, Channels: kinds},
	})
	socket.SetIdleTimeout(streamIdle)
	_, channels, err := socket.Open(upgradable(w), r)
	if err != nil {
		return nil, nil, err
	}
	// An empty message tells the client that the connection stands.
	first := protocol.StreamErr
	switch {
	case want.Stdout:
		first = protocol.StreamStdOut
	case want.Stderr:
		first = protocol.StreamStdErr
	}
	_, _ = channels[first].Write(nil)
	return socket, channels, nil
}

// outcome is what the client is told at the end.
func outcome(err error) metav1.Status {
	var status *apierrors.StatusError
	var exit exec.CodeExitError
	switch {
	case err == nil:
		return metav1.Status{Status: metav1.StatusSuccess}
	case errors.As(err, &status):
		return status.ErrStatus
	case errors.As(err, &exit) && exit.Exited():
		return metav1.Status{
			Status: metav1.StatusFailure, Reason: protocol.NonZeroExitCodeReason,
			Message: fmt.Sprintf("command terminated with non-zero exit code: %v", exit),
			Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: protocol.ExitCodeCauseType, Message: fmt.Sprintf("%d", exit.ExitStatus())}}},
		}
	}
	return apierrors.NewInternalError(err).ErrStatus
}

// sizes is the terminal's sizes as the client reports them.
type sizes struct {
	ctx  context.Context
	next chan remotecommand.TerminalSize
}

func newSizes(ctx context.Context, from io.Reader) *sizes {
	q := &sizes{ctx: ctx, next: make(chan remotecommand.TerminalSize)}
	go func() {
		defer close(q.next)
		decoder := json.NewDecoder(from)
		for {
			var size remotecommand.TerminalSize
			if decoder.Decode(&size) != nil {
				return
			}
			select {
			case q.next <- size:
			case <-ctx.Done():
				return
			}
		}
	}()
	return q
}

func (q *sizes) Next() *remotecommand.TerminalSize {
	select {
	case size, ok := <-q.next:
		if ok {
			return &size
		}
	case <-q.ctx.Done():
	}
	return nil
}
