package scripts

import (
	"regexp"
	"strings"
)

// settled are the things that differ from run to run, and what stands for them.
var settled = []struct {
	text  *regexp.Regexp
	stand string
}{
	{regexp.MustCompile(`eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+`), "<token>"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uid>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "<time>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000( UTC)?`), "<time>"},
	{regexp.MustCompile(`\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d (\+0000|UTC)`), "<time>"},
	{regexp.MustCompile(`("?resourceVersion"?: ?)"\d+"`), `$1"<rv>"`},
	{regexp.MustCompile(`\b10\.96\.\d{1,3}\.\d{1,3}\b`), "<ip>"},
	{regexp.MustCompile(`("?nodePort"?: ?)3\d{4}`), "$1<port>"},
	{regexp.MustCompile(`\b3[0-2]\d{3}/(TCP|UDP)\b`), "<port>/$1"},
	{regexp.MustCompile(`(\S {2,})(\d+[smhd]){1,2}( {2,}|\n|$)`), "$1<age>$3"},
	{regexp.MustCompile(`\bkube-api-access-\w{5}\b`), "kube-api-access-<id>"},
	{regexp.MustCompile(`X509SHA256=[0-9a-f]{64}`), "X509SHA256=<hash>"},
	{regexp.MustCompile(`\S*/(LIVE|MERGED)-\d+`), "/tmp/$1"},
}

// spaces are what fills a column of a table.
var spaces = regexp.MustCompile(`(\S) {3,}`)

// settle replaces what differs from run to run. In tables whose cells were replaced, and whose columns therefore
// have other widths each time, three spaces stand between the columns. All text ends with a newline, as the files
// of a script do.
func settle(text, server string) string {
	if text == "" {
		return ""
	}
	text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), server, "<server>") + "\n"
	lines := strings.SplitAfter(text, "\n")
	inTable := false
	for i, line := range lines {
		for _, s := range settled {
			line = s.text.ReplaceAllString(line, s.stand)
		}
		switch {
		case strings.Contains(line, "NAME") && strings.Contains(line, " AGE"):
			inTable = true
		case strings.TrimSpace(line) == "":
			inTable = false
		}
		if inTable {
			line = strings.TrimRight(spaces.ReplaceAllString(line, "$1   "), " \n") + "\n"
		}
		lines[i] = line
	}
	return strings.Join(lines, "")
}
