package main

import (
	"crypto"
	"crypto/tls"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/pki"
)

// keys are those of the data folder.
type keys struct {
	ca             *pki.Authority
	serving        *pki.Pair
	admin          tls.Certificate
	serviceAccount crypto.Signer
	token          string
}

// makeKeys returns the data folder's keys, making those that are missing.
func (o *upOptions) makeKeys(host string, ranges []netip.Prefix, failed func(error)) (*keys, error) {
	f := pki.Folder{Dir: filepath.Join(o.dataDir, "pki"), Now: time.Now}
	ca, err := f.Authority("ca")
	if err != nil {
		return nil, err
	}
	k := &keys{ca: ca}
	leaf := pki.Leaf{File: "apiserver", CommonName: "kube-apiserver", Hosts: servingNames(ranges, host)}
	if _, err = f.Certificate(ca, leaf); err != nil {
		return nil, err
	}
	if k.serving, err = pki.FollowPair(filepath.Join(f.Dir, "apiserver.crt"), filepath.Join(f.Dir, "apiserver.key"), failed); err != nil {
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
