package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// apiserverCommand runs the API server alone, with kube-apiserver's flags.
func apiserverCommand(name string) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: "Run the API server alone, with kube-apiserver's flags",
		RunE: func(*cobra.Command, []string) error {
			return errors.New("the API server cannot run alone yet; use nave up")
		},
	}
}
