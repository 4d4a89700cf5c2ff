package connect

import (
	"net/http"

	"github.com/gorilla/websocket"
)

// serveExecSocket is a kubelet's own WebSocket: it sends back what it gets.
func serveExecSocket(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"v4.channel.k8s.io", "v5.channel.k8s.io"}, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil || conn.WriteMessage(kind, data) != nil {
			return
		}
	}
}
