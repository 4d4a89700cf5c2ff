package main

import (
	"crypto"
	"crypto/tls"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/pki"
)

// keys are those of the data folder.
type keys struct {
	ca             *pki.Authority
	serving, admin tls.Certificate
	serviceAccount crypto.Signer
	token          string
}

// makeKeys returns the data folder's keys, making those that are missing.
func (o *upOptions) makeKeys(host string) (*keys, error) {
	f := pki.Folder{Dir: filepath.Join(o.dataDir, "pki"), Now: time.Now}
	ca, err := f.Authority("ca")
	if err != nil {
		return nil, err
	}
	k := &keys{ca: ca}
	names := []string{"localhost", "127.0.0.1", "::1", host, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	ranges, err := parseRanges(o.serviceCIDR)
	if err != nil {
		return nil, err
	}
	names = append(names, ranges[0].Addr().Next().String()) // of the kubernetes service
	if k.serving, err = f.Certificate(ca, pki.Leaf{File: "apiserver", CommonName: "kube-apiserver", Hosts: names}); err != nil {
		return nil, err
	}
	if k.admin, err = f.Certificate(ca, pki.Leaf{File: "admin", CommonName: "kubernetes-admin", Organizations: []string{"system:masters"}}); err != nil {
		return nil, err
	}
	pem, err := f.SigningKey("service-account.key")
	if err != nil {
		return nil, err
	}
	if k.serviceAccount, err = serviceaccount.ParsePrivateKey(pem); err != nil {
		return nil, err
	}
	if k.token, err = f.Token("admin.token"); err != nil {
		return nil, err
	}
	return k, pki.WriteFile(filepath.Join(o.dataDir, "ca.crt"), ca.PEM, 0o644)
}

func portText(port int) string { return strconv.Itoa(port) }

// parseRanges reads --service-cluster-ip-range: a CIDR, or two of different families.
func parseRanges(text string) (ranges []netip.Prefix, err error) {
	for _, part := range strings.Split(text, ",") {
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
