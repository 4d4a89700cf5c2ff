package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"

	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/nave-k8s/nave/server/authn"
)

func portText(port int) string { return strconv.Itoa(port) }

// listen takes the socket, and says who has it if somebody has. control may set options of the socket; nil for
// none.
func listen(address string, port int, control func(network, address string, c syscall.RawConn) error) (net.Listener, error) {
	config := net.ListenConfig{Control: control}
	socket, err := config.Listen(context.Background(), "tcp", net.JoinHostPort(address, portText(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d of %s is taken, perhaps by another server; choose another with --secure-port", port, address)
	}
	return socket, err
}

func portOf(socket net.Listener) int { return socket.Addr().(*net.TCPAddr).Port }

// advertise is where other hosts reach the server: the address it is bound to, or the host's own where that is
// the loopback's or every address. The zero value where the host has none.
func advertise(bind net.IP, port int) netip.AddrPort {
	ip, err := utilnet.ResolveBindAddress(bind)
	if err != nil {
		return netip.AddrPort{}
	}
	return addrPort(ip, port)
}

func addrPort(ip net.IP, port int) netip.AddrPort {
	a, _ := netip.AddrFromSlice(ip)
	return netip.AddrPortFrom(a.Unmap(), uint16(port))
}

// parseRanges reads --service-cluster-ip-range: a CIDR, or two of different families.
func parseRanges(text string) (ranges []netip.Prefix, err error) {
	for part := range strings.SplitSeq(text, ",") {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("--service-cluster-ip-range: %w", err)
		}
		ranges = append(ranges, prefix.Masked())
	}
	if len(ranges) > 2 || len(ranges) == 2 && ranges[0].Addr().Is4() == ranges[1].Addr().Is4() {
		return nil, fmt.Errorf("--service-cluster-ip-range %s: give one range, or one of each IP family", text)
	}
	return ranges, nil
}

// servingNames are the names and addresses of a serving certificate: those given, this host's, and those by
// which pods reach the server.
func servingNames(ranges []netip.Prefix, hosts ...string) []string {
	names := append(hosts, "localhost", "127.0.0.1", "::1",
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
	for _, r := range ranges {
		names = append(names, r.Addr().Next().String()) // of the Service kubernetes
	}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	return names
}

// readTokens reads the file of static tokens; "" for none.
func readTokens(file string) (*authn.Tokens, error) {
	if file == "" {
		return &authn.Tokens{}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it is only read
	return authn.ReadTokens(f)
}
