package pki

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPairIsReadAgain(t *testing.T) {
	f := Folder{Dir: t.TempDir(), Now: time.Now}
	ca, err := f.Authority("ca")
	if err != nil {
		t.Fatal(err)
	}
	make := func(name string) {
		t.Helper()
		for _, end := range []string{".crt", ".key"} {
			os.Remove(filepath.Join(f.Dir, "a"+end)) //nolint:errcheck // it may not be there
		}
		if _, err := f.Certificate(ca, Leaf{File: "a", CommonName: name, Hosts: []string{name}}); err != nil {
			t.Fatal(err)
		}
	}
	make("one")
	var failures int
	p, err := FollowPair(filepath.Join(f.Dir, "a.crt"), filepath.Join(f.Dir, "a.key"), func(error) { failures++ })
	if err != nil {
		t.Fatal(err)
	}
	name := func() string {
		p.file.Again() // as if a second had passed
		cert, err := x509.ParseCertificate(p.Certificate().Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return cert.Subject.CommonName
	}
	if got := name(); got != "one" {
		t.Errorf("first: %s", got)
	}
	make("two")
	if got := name(); got != "two" || failures != 0 {
		t.Errorf("after a change: %s, %d failures", got, failures)
	}
	if err := os.WriteFile(filepath.Join(f.Dir, "a.crt"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := name(); got != "two" || failures != 1 {
		t.Errorf("half written: %s, %d failures", got, failures)
	}
	make("three")
	if got := name(); got != "three" {
		t.Errorf("whole again: %s", got)
	}
}

func TestByName(t *testing.T) {
	f := Folder{Dir: t.TempDir(), Now: time.Now}
	pair := func(name string, hosts ...string) *Pair {
		cert, key, err := f.SelfSigned(Leaf{File: name, CommonName: name, Hosts: hosts})
		if err != nil {
			t.Fatal(err)
		}
		p, err := FollowPair(cert, key, func(err error) { t.Error(err) })
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	choose := ByName(pair("default", "a"), []Named{
		{Pair: pair("own", "b.test", "*.c.test")},
		{Pair: pair("told"), Names: []string{"d.test", "*.e.test"}},
	})
	for _, c := range [][2]string{
		{"", "default"}, {"a", "default"}, {"b.test", "own"}, {"x.c.test", "own"}, {"c.test", "default"},
		{"d.test", "told"}, {"D.Test", "told"}, {"x.e.test", "told"}, {"x.y.e.test", "default"},
	} {
		cert, err := choose(&tls.ClientHelloInfo{ServerName: c[0]})
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := leaf.Subject.CommonName; got != c[1] {
			t.Errorf("%q gets %s, want %s", c[0], got, c[1])
		}
	}
}

func TestSelfSignedIsKept(t *testing.T) {
	f := Folder{Dir: filepath.Join(t.TempDir(), "new"), Now: time.Now}
	leaf := Leaf{File: "apiserver", CommonName: "x", Hosts: []string{"x.test", "127.0.0.1"}}
	cert, _, err := f.SelfSigned(leaf)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = f.SelfSigned(leaf); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(cert); string(after) != string(before) {
		t.Error("made anew, though it was there")
	}
	// A client that is given the file can verify.
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(before)
	pair, err := tls.LoadX509KeyPair(cert, filepath.Join(f.Dir, "apiserver.key"))
	if err != nil {
		t.Fatal(err)
	}
	served, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := served.Verify(x509.VerifyOptions{Roots: pool, DNSName: "127.0.0.1"}); err != nil {
		t.Error(err)
	}
}
