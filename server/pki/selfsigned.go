package pki

import (
	"os"
	"path/filepath"
)

// SelfSigned returns the files of a serving certificate in the folder, FILE.crt and FILE.key. If they are not
// there they are made, with a CA of their own that is kept nowhere: whoever connects must be told not to
// verify, or be given the file.
func (f Folder) SelfSigned(leaf Leaf) (cert, key string, err error) {
	cert, key = filepath.Join(f.Dir, leaf.File+".crt"), filepath.Join(f.Dir, leaf.File+".key")
	if readable(cert) && readable(key) {
		return cert, key, nil
	}
	ca, err := newAuthority(leaf.CommonName+"-ca", f.Now())
	if err != nil {
		return "", "", err
	}
	pair, keyPEM, err := f.sign(ca, leaf)
	if err != nil {
		return "", "", err
	}
	if err := WriteFile(key, keyPEM, 0o600); err != nil {
		return "", "", err
	}
	return cert, key, WriteFile(cert, append(pair, ca.PEM...), 0o644)
}

func readable(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	f.Close() //nolint:errcheck // it was only opened
	return true
}
