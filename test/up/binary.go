// Package up runs nave as a process, for tests of what users see of it: it builds the program once, starts
// nave up on a folder of the test's own and stops it when the test ends. Only tests may use it.
package up

import (
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
)

// Binary builds the program and returns where it is. All tests of a checkout share one file: the go command
// links it anew only when something changed.
func Binary(t testing.TB) string {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var built = sync.OnceValues(build)

func build() (string, error) {
	root := Root()
	checkout := fnv.New64a()
	checkout.Write([]byte(root)) //nolint:errcheck // a hash takes everything
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "nave-test", fmt.Sprintf("%x", checkout.Sum64()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	// Packages are tested at the same time, each in its own process.
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close() //nolint:errcheck // it lets go of the lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "nave")
	c := exec.Command("go", "build", "-o", file, "./cmd/nave")
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/nave: %w\n%s", err, out)
	}
	return file, nil
}

// Root is the folder of the checkout.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
