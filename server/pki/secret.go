package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
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
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if err := writeKey(file, key); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
