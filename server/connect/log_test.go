package connect

import (
	"bufio"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestLog(t *testing.T) {
	f := newFront(t, nil)
	f.things.pod("two", "n1", "", "c", "d").Spec.InitContainers = []corev1.Container{{Name: "s"}}
	f.things.pod("free", "", "", "c")
	f.things.pod("nowhere", "none", "", "c")
	f.things.pod("mute", "n2", "", "c")
	f.things["nodes//n2"] = &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n2"}, Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: "Odd", Address: "x"}}}}
	tests := []struct {
		path string
		code int
		body string
	}{
		{"pods/a/log", 200, "log of a,"},
		{"pods/a/log?previous=true&timestamps=1&tailLines=5&limitBytes=7&sinceSeconds=9&pretty=true", 200, "log of a, limitBytes=7&previous=true&sinceSeconds=9&tailLines=5&timestamps=true"},
		{"pods/a/log?sinceTime=2026-01-01T00:00:00Z", 200, "log of a, sinceTime=2026-01-01T00%3A00%3A00Z"},
		{"pods/none/log", 404, `pods "none" not found`},
		{"pods/a/log?container=x", 400, "container x is not valid for pod a"},
		{"pods/two/log", 400, "a container name must be specified for pod two, choose one of: [s c d]"},
		{"pods/free/log", 204, ""},
		{"pods/nowhere/log", 404, `pods "none" not found`},
		{"pods/mute/log", 500, "no preferred addresses found; known addresses: [{Odd x}]"},
		{"pods/a/log?tailLines=x", 400, `strconv.ParseInt: parsing "x": invalid syntax`},
		{"pods/a/log?tailLines=-1", 422, `PodLogOptions "a" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0`},
		{"pods/a/log?limitBytes=0", 422, `PodLogOptions "a" is invalid: limitBytes: Invalid value: 0: must be greater than 0`},
		{"pods/a/log?sinceSeconds=0", 422, `PodLogOptions "a" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0`},
		{"pods/a/log?sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z", 422, "PodLogOptions \"a\" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"},
		{"pods/a/log?stream=Odd", 422, `PodLogOptions "a" is invalid: stream: Forbidden: may not be specified`},
		{"pods/lost/log", 404, "the server could not find the requested resource ( pods/log lost)"},
		{"pods/broken/log", 500, "Internal error occurred: it broke"},
		{"pods/moved/log", 500, `Get "` + f.kubelet.URL + `/containerLogs/ns/moved/c": redirects forbidden`},
	}
	for _, tc := range tests {
		t.Run(tc.path, func(t *testing.T) {
			if code, body := f.get(t, tc.path); code != tc.code || body != tc.body {
				t.Errorf("got  %d %s\nwant %d %s", code, body, tc.code, tc.body)
			}
		})
	}
}

// A log that is followed comes line by line, and ends when the server stops.
func TestFollow(t *testing.T) {
	f := newFront(t, nil)
	resp, err := http.Get(f.URL + "/api/v1/namespaces/ns/pods/follow/log?follow=true")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for _, line := range []string{"one", "two"} {
		f.kubelet.logs <- line
		if !lines.Scan() || lines.Text() != line {
			t.Fatalf("got %q, want %q", lines.Text(), line)
		}
	}
	f.end()
	if lines.Scan() {
		t.Errorf("another line: %q", lines.Text())
	}
	close(f.kubelet.logs)
}
