package core

import (
	"bytes"
	"maps"
)

func equalMaps(a, b map[string]string) bool { return maps.Equal(a, b) }

func equalBytes(a, b map[string][]byte) bool { return maps.EqualFunc(a, b, bytes.Equal) }
