// Package hash names versions of templates as Kubernetes does, so that what it left behind is recognized:
// the pod-template-hash of replica sets and the hash of controller revisions. Callers: the workload
// controllers.
package hash

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"strconv"

	"k8s.io/apimachinery/pkg/util/dump"
	"k8s.io/apimachinery/pkg/util/rand"
)

// Of is the hash of an object, and of a count of collisions unless that is nil.
func Of(obj any, collisions *int32) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%v", dump.ForHash(obj)) //nolint:errcheck // a hash does not fail
	if collisions != nil {
		var b [8]byte
		binary.LittleEndian.PutUint32(b[:], uint32(*collisions))
		h.Write(b[:]) //nolint:errcheck // likewise
	}
	return rand.SafeEncodeString(strconv.FormatUint(uint64(h.Sum32()), 10))
}

// OfBytes is the hash of a controller revision's data.
func OfBytes(data []byte, collisions *int32) string {
	h := fnv.New32()
	h.Write(data) //nolint:errcheck // a hash does not fail
	if collisions != nil {
		h.Write([]byte(strconv.FormatInt(int64(*collisions), 10))) //nolint:errcheck // likewise
	}
	return rand.SafeEncodeString(strconv.FormatUint(uint64(h.Sum32()), 10))
}
