package flags

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// Document is docs/flags.md: what comes of each flag.
func (o *Options) Document() string {
	var b strings.Builder
	b.WriteString(`# Flags of nave apiserver

` + "`nave apiserver`, and the program itself when it is called `kube-apiserver`" + `, takes the flags of kube-apiserver 1.37. An
unknown flag is an error. One that has no effect is accepted, and the log says why when it is set to something else than
its default. One that is refused keeps the server from starting: to go on without it would be worse.

This file is written by ` + "`go test ./cmd/nave/flags -run TestDocument -update`" + `.
`)
	for _, section := range o.sections.Order {
		if section == "Global" {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n| flag | type | default | what comes of it |\n|---|---|---|---|\n", section)
		o.sections.FlagSets[section].VisitAll(func(f *pflag.Flag) {
			kind, usage := pflag.UnquoteUsage(f)
			if kind == "" {
				kind = "bool"
			}
			switch effect, why := o.Explain(f.Name); effect {
			case Nothing:
				usage = "**nothing**: " + why
			case Refused:
				usage = "**refused**: " + why
			}
			fmt.Fprintf(&b, "| --%s | %s | %s | %s |\n", f.Name, kind, cell(f.DefValue), cell(usage))
		})
	}
	return b.String()
}

// cell is a text as it stands in a table.
func cell(text string) string {
	if text == "<nil>" || text == "[]" || text == "{}" {
		return ""
	}
	return strings.ReplaceAll(text, "|", `\|`)
}
