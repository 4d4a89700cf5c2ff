// Command generate writes the data files of kinds/schema. It runs kube-openapi's generator over the packages
// that hold API types, compiles what it wrote together with package dump, and runs that. The Go code in
// between is thrown away: it is 70,000 lines that a server would have to carry in memory to say what the
// data files say in a tenth of the space.
//
//	go generate ./kinds/schema
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// packages are where published types live, besides all of k8s.io/api.
var packages = []string{
	"k8s.io/apimachinery/pkg/apis/meta/v1",
	"k8s.io/apimachinery/pkg/runtime",
	"k8s.io/apimachinery/pkg/util/intstr",
	"k8s.io/apimachinery/pkg/api/resource",
	"k8s.io/apimachinery/pkg/version",
	"k8s.io/kube-aggregator/pkg/apis/apiregistration/v1",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1",
}

const (
	module    = "github.com/nave-k8s/nave/kinds/schema/generate"
	generator = "k8s.io/kube-openapi/cmd/openapi-gen"
)

// runner is the program that is compiled with the generated code.
const runner = `package main

import (
	"os"

	"` + module + `/dump"
	"` + module + `/TEMP/definitions"
)

func main() { dump.Main(definitions.GetOpenAPIDefinitions, os.Args[1]) }
`

func main() {
	log.SetFlags(0)
	if err := generate(); err != nil {
		log.Fatal("generate: ", err)
	}
}

// generate is called in the folder kinds/schema, as go generate does.
func generate() error {
	temp, err := os.MkdirTemp("generate", "temp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)

	api, err := run("go", "list", "k8s.io/api/...")
	if err != nil {
		return err
	}
	version, err := run("go", "list", "-m", "-f", "{{.Version}}", "k8s.io/kube-openapi")
	if err != nil {
		return err
	}
	args := []string{"run", generator + "@" + strings.TrimSpace(version),
		"--output-dir", filepath.Join(temp, "definitions"),
		"--output-pkg", module + "/" + filepath.Base(temp) + "/definitions",
		"--output-file", "definitions.go",
		"--report-filename", filepath.Join(temp, "violations")}
	args = append(args, strings.Fields(api)...)
	if _, err := run("go", append(args, packages...)...); err != nil {
		return err
	}

	code := strings.ReplaceAll(runner, "TEMP", filepath.Base(temp))
	if err := os.WriteFile(filepath.Join(temp, "main.go"), []byte(code), 0o644); err != nil {
		return err
	}
	_, err = run("go", "run", "./"+temp, ".")
	return err
}

func run(name string, args ...string) (string, error) {
	var out, problems bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, problems.Bytes())
	}
	return out.String(), nil
}
