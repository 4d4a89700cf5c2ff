// Package schema knows the shape of every built-in type, as data that `go generate` writes from the
// published Go types and that is embedded in the binary.
//
//	structure.txt   what server-side apply must know: fields, which lists are maps, what is atomic
//	definitions/    what clients read: OpenAPI schemas, versions 2 and 3, with descriptions
//	versions.txt    the group versions that DeleteOptions and WatchEvent are kinds of
//
// Both are read piece by piece, when somebody first asks for a kind: a server that nobody asks pays
// nothing. Callers: server/resource (managed fields), server/discovery (OpenAPI documents), kinds/custom.
package schema

//go:generate go run ./generate
