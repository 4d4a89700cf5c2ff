// Package version says which Kubernetes the server is, and answers /version.
package version

import (
	"net/http"
	"runtime"
	"runtime/debug"

	"k8s.io/apimachinery/pkg/version"

	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

// Kubernetes is the version that is served; the suffix tells that it is not kube-apiserver.
const Kubernetes = "v1.37.2+nave"

// Documents is the version that OpenAPI documents carry.
const Documents = "1.37"

// Info is the answer of /version.
func Info() version.Info {
	info := version.Info{
		Major: "1", Minor: "37", EmulationMajor: "1", EmulationMinor: "37", MinCompatibilityMajor: "1", MinCompatibilityMinor: "36",
		GitVersion: Kubernetes, GitTreeState: "clean",
		GoVersion: runtime.Version(), Compiler: runtime.Compiler, Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, s := range build.Settings {
			switch s.Key {
			case "vcs.revision":
				info.GitCommit = s.Value
			case "vcs.time":
				info.BuildDate = s.Value
			case "vcs.modified":
				if s.Value == "true" {
					info.GitTreeState = "dirty"
				}
			}
		}
	}
	return info
}

// Serve answers /version.
func Serve(w http.ResponseWriter, r *request.Request) error {
	if r.HTTP.Method != http.MethodGet {
		return respond.MethodNotAllowedRoute()
	}
	if err := (respond.Offer{Types: []string{respond.JSON}}).Accepts(r.HTTP.Header.Get("Accept")); err != nil {
		return err
	}
	return respond.Raw(w, r, http.StatusOK, Info())
}
