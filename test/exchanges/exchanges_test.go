package exchanges

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/nave-k8s/nave/test/up"
)

var update = flag.Bool("update", false, "write testdata/differences.txt anew")

const differencesFile = "testdata/differences.txt"

// folders are replayed. custom waits for custom resources to be served.
var folders = []string{"reads", "writes", "core", "pods", "workloads", "groups", "access"}

// TestExchanges replays every folder against one server, and holds what differs against the list.
func TestExchanges(t *testing.T) {
	tokens, err := filepath.Abs("testdata/tokens.csv")
	if err != nil {
		t.Fatal(err)
	}
	server := up.Start(t, "--token-auth-file", tokens, "--enable-admission-plugins", "NodeRestriction",
		"--service-cluster-ip-range", "10.0.0.0/16", "--without", "controllers,scheduler,cloud,nodes")
	player := NewPlayer(server.URL, "admin-token")
	known := readDifferences(t)
	var found []string
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no scenarios: %v", folder, err)
		}
		var sum score
		results := playAll(t, player, files)
		playAgain(t, player, results, known)
		for _, r := range results {
			for i, differences := range r.differences {
				if r.scenario.Steps[i].Quiet {
					continue
				}
				sum.add(r.scenario.want[i].Code, len(differences) == 0)
				if len(differences) == 0 {
					continue
				}
				step := stepName(r.file, i)
				found = append(found, step)
				if !known[step] && !*update {
					t.Errorf("%s: %s\n\t%s", step, r.scenario.Steps[i].Do, strings.Join(differences[:min(4, len(differences))], "\n\t"))
				}
			}
		}
		t.Logf("%-10s %s", folder, sum)
	}
	if *update {
		writeDifferences(t, found)
		return
	}
	for step := range known {
		if !slices.Contains(found, step) {
			t.Logf("%s matches now: run with -update to take it off the list", step)
		}
	}
}

type result struct {
	file        string
	scenario    *Scenario
	differences [][]string
}

// playAll plays files, a few at a time; each has a namespace of its own.
func playAll(t *testing.T, player *Player, files []string) []result {
	results := make([]result, len(files))
	places := make(chan struct{}, 24)
	var wait sync.WaitGroup
	for i, file := range files {
		s, err := readScenario(file)
		if err != nil {
			t.Fatal(err)
		}
		places <- struct{}{}
		wait.Go(func() {
			defer func() { <-places }()
			differences, err := player.Play(s)
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			results[i] = result{file, s, differences}
		})
	}
	wait.Wait()
	return results
}

// playAgain plays scenarios once more, alone, in which a step differs that is not known to: ages in tables and
// the like depend on how busy the machine is. A step that matched once matches.
func playAgain(t *testing.T, player *Player, results []result, known map[string]bool) {
	for i := range results {
		r := &results[i]
		fresh := func(step int) bool {
			return len(r.differences[step]) > 0 && !known[stepName(r.file, step)]
		}
		if !slices.ContainsFunc(indexes(len(r.differences)), fresh) {
			continue
		}
		again, err := player.Play(r.scenario)
		if err != nil {
			t.Errorf("%s: %v", r.file, err)
			continue
		}
		for step := range again {
			if len(again[step]) == 0 {
				r.differences[step] = nil
			}
		}
	}
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// stepName is how a step is called in the list of differences.
func stepName(file string, step int) string {
	return fmt.Sprintf("%s %d", strings.TrimPrefix(file, "testdata/"), step+1)
}

// score counts steps, those that kube-apiserver allowed and those that it refused.
type score struct{ allowed, allowedAll, refused, refusedAll int }

func (s *score) add(code int, match bool) {
	n, all := &s.allowed, &s.allowedAll
	if code >= 400 {
		n, all = &s.refused, &s.refusedAll
	}
	*all++
	if match {
		*n++
	}
}

func (s score) String() string {
	return fmt.Sprintf("%5d of %5d steps (allowed %d of %d, refused %d of %d)",
		s.allowed+s.refused, s.allowedAll+s.refusedAll, s.allowed, s.allowedAll, s.refused, s.refusedAll)
}

// readDifferences reads the list: FOLDER/FILE.yaml STEP, and # and why.
func readDifferences(t *testing.T) map[string]bool {
	f, err := os.Open(differencesFile)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	known := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		step, _, _ := strings.Cut(lines.Text(), "#")
		if step = strings.TrimSpace(step); step != "" {
			known[step] = true
		}
	}
	return known
}

// writeDifferences writes the list and keeps what is said of those that stay.
func writeDifferences(t *testing.T, found []string) {
	why := map[string]string{}
	if text, err := os.ReadFile(differencesFile); err == nil {
		for line := range strings.Lines(string(text)) {
			if step, reason, ok := strings.Cut(line, "#"); ok && strings.TrimSpace(step) != "" {
				why[strings.TrimSpace(step)] = " # " + strings.TrimSpace(reason)
			}
		}
	}
	sort.Strings(found)
	var b strings.Builder
	b.WriteString("# Steps that do not match: FILE STEP, and # and why. Written by go test -update; reasons stay.\n")
	for _, step := range found {
		b.WriteString(step + why[step] + "\n")
	}
	if err := os.WriteFile(differencesFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
