// Command nave is a Kubernetes control plane in one program. It is the front door: one file for each
// subcommand, and the only place that imports every wing of the house.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "nave:", err)
		os.Exit(1)
	}
}

// run chooses by the name the program is called by: as kube-apiserver it takes that program's flags.
func run() error {
	if filepath.Base(os.Args[0]) == "kube-apiserver" {
		return apiserverCommand("kube-apiserver").Execute()
	}
	root := &cobra.Command{
		Use:           "nave",
		Short:         "A Kubernetes control plane in one program",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(upCommand(), apiserverCommand("apiserver"), versionCommand(), kubectlCommand(), whyCommand())
	return root.Execute()
}
