package pki

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Token returns the folder's secret of that name, made if there is none.
func (f Folder) Token(name string) (string, error) {
	file := filepath.Join(f.Dir, name)
	data, err := os.ReadFile(file)
	if err == nil && len(strings.TrimSpace(string(data))) >= 32 {
		return strings.TrimSpace(string(data)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	token := hex.EncodeToString(random)
	return token, WriteFile(file, []byte(token+"\n"), 0o600)
}

// SigningKey returns the PEM of the folder's key for service account tokens, made if there is none.
func (f Folder) SigningKey(name string) ([]byte, error) {
	file := filepath.Join(f.Dir, name)
	data, err := os.ReadFile(file)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return data, err
	}
	// RSA, as kubeadm makes it: there are verifiers that know RS256 alone.
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
