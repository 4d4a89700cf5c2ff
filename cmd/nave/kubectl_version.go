package main

import (
	"sync/atomic"
	_ "unsafe" // for go:linkname
)

// kubectlVersion is the release whose kubectl this is: k8s.io/kubectl v0.37.2.
const kubectlVersion = "v1.37.2"

// Kubernetes gives its programs their version when they are linked, by flags of the linker. Nave must also work
// after a plain go build or go run, so it says at run time whose kubectl and client-go it carries. Without this
// kubectl version fails: it cannot read its own version.
//
//go:linkname componentVersion k8s.io/component-base/version.dynamicGitVersion
var componentVersion atomic.Value

//go:linkname clientVersion k8s.io/client-go/pkg/version.gitVersion
var clientVersion string

func setKubectlVersion() {
	componentVersion.Store(kubectlVersion)
	clientVersion = kubectlVersion
}
