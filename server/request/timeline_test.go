package request

import (
	"regexp"
	"testing"
	"time"
)

func TestServerTiming(t *testing.T) {
	var line Timeline
	line.Enter("authz")("allow", "")
	leave := line.Enter("resource")
	line.Enter("review")("deny", "a \"quoted\"\nreason, ü")
	time.Sleep(2 * time.Millisecond)
	// The header is written while the stage goes on: it counts as far as it has come.
	got := line.ServerTiming()
	want := regexp.MustCompile(`^authz;dur=0\.\d{3};desc="allow", resource;dur=([2-9]|\d\d+)\.\d{3}, review;dur=0\.\d{3};desc="deny a quotedreason, "$`)
	if !want.MatchString(got) {
		t.Errorf("%s", got)
	}
	leave("answer", "")
	if p := line.Passages(); len(p) != 3 || !p[1].Ended || p[1].Duration < 2*time.Millisecond || p[1].Decision != "answer" {
		t.Errorf("%+v", p)
	}
}
