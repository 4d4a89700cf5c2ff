package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nave-k8s/nave/server/version"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print which Kubernetes version is served",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintln(cmd.OutOrStdout(), "Nave, Kubernetes", version.Kubernetes) //nolint:errcheck // standard output
		},
	}
}
