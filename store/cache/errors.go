package cache

import "errors"

// ErrExpired ends a cursor that fell too far behind, or whose events the cache lost because the store
// compacted them before the cache had seen them. The watcher must list again.
var ErrExpired = errors.New("the watch is too far behind")

// ErrForgotten is the answer of an index after Cache.Forget.
var ErrForgotten = errors.New("the resource is no longer served")
