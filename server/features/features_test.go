package features

import (
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		settings string
		vain     string
		err      string
	}{
		{"WatchList=true", "", ""},
		{"WatchList=false,AllAlpha=false", "WatchList=false", ""},
		{"AllAlpha=true", "AllAlpha=true", ""},
		{"NoSuch=true", "", "unrecognized feature gate: NoSuch"},
		{"WatchList", "", "missing bool value for feature gate WatchList"},
		{"WatchList=maybe", "", `invalid value of WatchList=maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax`},
		{"ServerSideApply=false", "", "unrecognized feature gate: ServerSideApply"}, // it is gone since 1.32
	} {
		vain, err := Check(strings.Split(c.settings, ","))
		if got := strings.Join(vain, ","); got != c.vain {
			t.Errorf("%s: in vain %q, want %q", c.settings, got, c.vain)
		}
		if text := errorText(err); text != c.err {
			t.Errorf("%s: %q, want %q", c.settings, text, c.err)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestGates(t *testing.T) {
	gates := Gates()
	if len(gates) < 240 {
		t.Errorf("%d gates", len(gates))
	}
	for _, g := range gates {
		if !slices.Contains([]string{"", "ALPHA", "BETA", "DEPRECATED"}, g.Stage) {
			t.Errorf("%s has stage %q", g.Name, g.Stage)
		}
	}
}
