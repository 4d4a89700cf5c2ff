package crash

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
)

// serveEtcd names, in the environment, the folder and the address of the etcd that this program is to be.
const serveEtcd = "NAVE_CRASH_ETCD"

// TestMain makes the test program an etcd when it is called by startEtcd: one that can be killed.
func TestMain(m *testing.M) {
	if dir, address, ok := strings.Cut(os.Getenv(serveEtcd), "|"); ok {
		if err := beEtcd(dir, address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func beEtcd(dir, address string) error {
	cfg := embed.NewConfig()
	cfg.Dir = dir
	at := url.URL{Scheme: "http", Host: address}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{at}, []url.URL{at}
	cfg.ListenPeerUrls = nil // a single member has no peers
	cfg.TickMs, cfg.ElectionMs = 10, 50
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	e, err := embed.StartEtcd(cfg)
	if err != nil {
		return err
	}
	<-e.Server.ReadyNotify()
	fmt.Println("ready")
	os.Stdin.Read(make([]byte, 1)) //nolint:errcheck // it ends with the test that holds the other end, however that ends
	return nil
}

// An etcd is a process.
type etcd struct {
	dir, address string
	process      *exec.Cmd
}

func startEtcd(t *testing.T) *etcd {
	t.Helper()
	e := &etcd{dir: t.TempDir(), address: freeAddress(t)}
	e.start(t)
	t.Cleanup(e.kill)
	return e
}

func (e *etcd) start(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	e.process = exec.Command(self)
	e.process.Env = append(os.Environ(), serveEtcd+"="+e.dir+"|"+e.address)
	e.process.Stderr = os.Stderr
	if _, err := e.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := e.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.process.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(out).ReadString('\n')
		ready <- err
	}()
	select {
	case err = <-ready:
	case <-time.After(time.Minute):
		err = fmt.Errorf("it takes more than a minute")
	}
	if err != nil {
		e.kill()
		t.Fatalf("etcd does not start: %v", err)
	}
}

func (e *etcd) kill() {
	e.process.Process.Kill() //nolint:errcheck // it may have ended by itself
	e.process.Wait()         //nolint:errcheck // it was killed
}

// freeAddress is one that nobody listens on, to be used again and again.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nobody has used it
	return l.Addr().String()
}
