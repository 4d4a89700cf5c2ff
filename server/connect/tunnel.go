package connect

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/httpstream"
	protocol "k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/tools/portforward"
)

// tunnel serves a client that carries SPDY inside a WebSocket (KEP-4006) with a kubelet that speaks SPDY.
func (s *connector) tunnel(w http.ResponseWriter, r *http.Request, location *url.URL) error {
	asked, err := tunnelProtocol(websocket.Subprotocols(r))
	if err != nil {
		return err
	}
	inner := strings.TrimPrefix(asked, protocol.WebsocketsSPDYTunnelingPrefix)
	conn, resp, err := dialSPDY(r, location, s.kubelet.transport, []string{inner})
	if err != nil {
		return err
	}
	if conn == nil {
		return passRefusal(w, resp)
	}
	defer conn.Close()
	if got := resp.Header.Get(httpstream.HeaderProtocolVersion); got != "" && got != inner {
		return apierrors.NewInternalError(fmt.Errorf("the kubelet chose the protocol %q where %q was asked for", got, inner))
	}
	upgrader := websocket.Upgrader{
		HandshakeTimeout: 10 * time.Second,
		// Who may connect was decided before; where a page came from does not matter.
		CheckOrigin:  func(*http.Request) bool { return true },
		Subprotocols: []string{asked},
	}
	socket, err := upgrader.Upgrade(upgradable(w), r, nil)
	if err != nil {
		return nil // the WebSocket library has answered
	}
	splice(r.Context(), portforward.NewTunnelingConnection("server", socket), conn)
	return nil
}

// tunnelProtocol picks the protocol that this server can carry.
func tunnelProtocol(asked []string) (string, error) {
	for _, p := range asked {
		if p == protocol.WebsocketsSPDYTunnelingPortForwardV1 {
			return p, nil
		}
	}
	return "", apierrors.NewBadRequest(fmt.Sprintf("unable to negotiate protocol: client supports %v, server supports [%s]", asked, protocol.WebsocketsSPDYTunnelingPortForwardV1))
}
