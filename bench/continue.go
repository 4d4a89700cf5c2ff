package main

import (
	"bytes"
	"encoding/json"
)

// continueOf reads the token for the next page out of a list in which metadata stands before the items, which
// are not decoded.
func continueOf(list []byte) (string, error) {
	if head, _, ok := bytes.Cut(list, []byte(`,"items":`)); ok {
		list = append(bytes.Clone(head), '}')
	}
	var l struct {
		Metadata struct {
			Continue string `json:"continue"`
		} `json:"metadata"`
	}
	err := json.Unmarshal(list, &l)
	return l.Metadata.Continue, err
}
