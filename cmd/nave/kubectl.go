package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/plugin"
)

// kubectlCommand is kubectl itself. Without another kubeconfig it uses that of the default data folder.
func kubectlCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "kubectl",
		Short:              "kubectl, for the server of the default data folder",
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if os.Getenv("KUBECONFIG") == "" {
				file := filepath.Join(defaultDataDir(), "admin.kubeconfig")
				if _, err := os.Stat(file); err == nil {
					if err := os.Setenv("KUBECONFIG", file); err != nil {
						return err
					}
				}
			}
			setKubectlVersion()
			// kubectl reads the arguments of the process where it completes or runs plugins.
			os.Args = append([]string{"kubectl"}, args...)
			kubectl := cmd.NewDefaultKubectlCommandWithArgs(cmd.KubectlOptions{
				PluginHandler: cmd.NewDefaultPluginHandler(plugin.ValidPluginFilenamePrefixes),
				Arguments:     os.Args,
				IOStreams:     genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr},
			})
			kubectl.SetArgs(args)
			// This adds the flags of logging, such as -v.
			return cli.RunNoErrOutput(kubectl)
		},
	}
}
