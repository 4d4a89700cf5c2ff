package pki

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"

	"sigs.k8s.io/yaml"
)

// Kubeconfig is what a client needs to reach a server.
type Kubeconfig struct {
	Name   string // of cluster, user and context
	Server string // https://host:port
	CA     []byte // PEM
	Cert   tls.Certificate
}

// Encode returns the file's content.
func (k Kubeconfig) Encode() ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(k.Cert.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		return nil, err
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	type named map[string]any
	return yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": k.Name,
		"clusters": []named{{"name": k.Name, "cluster": map[string]any{"server": k.Server, "certificate-authority-data": k.CA}}},
		"users":    []named{{"name": k.Name, "user": map[string]any{"client-certificate-data": encodeCert(k.Cert.Certificate[0]), "client-key-data": key}}},
		"contexts": []named{{"name": k.Name, "context": map[string]any{"cluster": k.Name, "user": k.Name}}},
	})
}
