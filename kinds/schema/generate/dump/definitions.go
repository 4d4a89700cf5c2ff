package dump

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var reference = regexp.MustCompile(`"#/components/schemas/([^"]+)"`)

// writeDefinitions writes a file for each API package. A definition is four lines: its name, the names it
// refers to, and its schema in version 3 and in version 2 of OpenAPI.
func (d *definitions) writeDefinitions(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files := map[string]*bytes.Buffer{}
	for _, name := range d.names {
		v3, err := json.Marshal(d.v3[name])
		if err != nil {
			return err
		}
		v2schema := d.v2[name]
		v2, err := json.Marshal(&v2schema)
		if err != nil {
			return err
		}
		var refs []string
		for _, m := range reference.FindAllSubmatch(v3, -1) {
			refs = append(refs, string(m[1]))
		}
		slices.Sort(refs)
		pkg := name[:strings.LastIndexByte(name, '.')]
		if files[pkg] == nil {
			files[pkg] = &bytes.Buffer{}
		}
		for _, line := range [][]byte{[]byte(name), []byte(strings.Join(slices.Compact(refs), " ")), v3, v2} {
			files[pkg].Write(line)
			files[pkg].WriteByte('\n')
		}
	}
	for pkg, text := range files {
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if _, err := w.Write(text.Bytes()); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, pkg+".gz"), packed.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
