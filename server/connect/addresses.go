package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

var errAddress = errors.New("address not allowed")

// allowed reports whether proxies may connect to the address: to nothing of the server's own host or link.
func allowed(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsValid() && a.IsGlobalUnicast() && !a.IsLoopback()
}

// podTransport connects to pods and services. Certificates of pods are nobody's that the server knows:
// they are not checked. What a name resolves to is looked at when it is dialled, so that nothing can
// change between the look and the dial.
func podTransport(dial DialFunc) *http.Transport {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, Control: checkAddress}).DialContext
	}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			// What is an address already is looked at here: a dialer of another kind must not be asked.
			if host, _, err := net.SplitHostPort(address); err == nil {
				if a, err := netip.ParseAddr(host); err == nil && !allowed(a) {
					return nil, errAddress
				}
			}
			return dial(ctx, network, address)
		},
		TLSClientConfig:        &tls.Config{InsecureSkipVerify: true},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConnsPerHost:    25,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxResponseHeader,
		DisableCompression:     true,
	}
}

// checkAddress runs for each address that is about to be connected to.
func checkAddress(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %v", errAddress, err)
	}
	if !allowed(a.Addr()) {
		return errAddress
	}
	return nil
}
