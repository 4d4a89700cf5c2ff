package serviceaccount

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// A Key is a public key that tokens are checked with.
type Key struct {
	ID        string // kid: the SHA-256 of its PKIX form
	Algorithm jose.SignatureAlgorithm
	Public    crypto.PublicKey
}

// NewPrivateKey makes a key for a new cluster, and its PEM form.
func NewPrivateKey() (crypto.Signer, []byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, err
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), nil
}

// KeyOf describes a public key, an RSA key or one of the curves P-256, P-384 and P-521.
func KeyOf(public crypto.PublicKey) (Key, error) {
	k := Key{Public: public}
	switch p := public.(type) {
	case *rsa.PublicKey:
		k.Algorithm = jose.RS256
	case *ecdsa.PublicKey:
		switch p.Curve {
		case elliptic.P256():
			k.Algorithm = jose.ES256
		case elliptic.P384():
			k.Algorithm = jose.ES384
		case elliptic.P521():
			k.Algorithm = jose.ES512
		default:
			return Key{}, fmt.Errorf("service account key: unsupported curve %v", p.Curve.Params().Name)
		}
	default:
		return Key{}, fmt.Errorf("service account key: unsupported type %T, must be RSA or ECDSA", public)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Key{}, fmt.Errorf("service account key: %w", err)
	}
	sum := sha256.Sum256(der)
	k.ID = base64.RawURLEncoding.EncodeToString(sum[:])
	return k, nil
}

// ParsePrivateKey reads the first private key of a PEM file.
func ParsePrivateKey(data []byte) (crypto.Signer, error) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if key, err := privateKey(block); key != nil || err != nil {
			return key, err
		}
	}
	return nil, errors.New("no RSA or ECDSA private key in the PEM data")
}

// ParsePublicKeys reads all keys of a PEM file: public keys, certificates, and the public halves of
// private keys.
func ParsePublicKeys(data []byte) ([]Key, error) {
	var keys []Key
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		public, err := publicKey(block)
		if err != nil {
			return nil, err
		}
		if public == nil {
			continue
		}
		k, err := KeyOf(public)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		if len(bytes.TrimSpace(data)) == 0 {
			return nil, errors.New("the key file is empty")
		}
		return nil, errors.New("no RSA or ECDSA key in the PEM data")
	}
	return keys, nil
}

func privateKey(block *pem.Block) (crypto.Signer, error) {
	switch block.Type {
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		signer, ok := key.(crypto.Signer)
		if !ok {
			return nil, fmt.Errorf("private key of type %T cannot sign", key)
		}
		return signer, nil
	}
	return nil, nil
}

func publicKey(block *pem.Block) (crypto.PublicKey, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return cert.PublicKey, nil
	}
	key, err := privateKey(block)
	if key == nil || err != nil {
		return nil, err
	}
	return key.Public(), nil
}
