package main

import (
	"crypto"
	"crypto/tls"
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
	if ip := firstAddress(o.serviceCIDR); ip != "" {
		names = append(names, ip)
	}
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

// firstAddress is the address that the kubernetes service gets: the first of the (first) range.
func firstAddress(ranges string) string {
	first, _, _ := strings.Cut(ranges, ",")
	prefix, err := netip.ParsePrefix(strings.TrimSpace(first))
	if err != nil {
		return ""
	}
	return prefix.Masked().Addr().Next().String()
}
