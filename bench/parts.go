package main

import "context"

// A part is a piece of the work that can be run alone.
type part struct {
	name, about string
	run         func(ctx context.Context, b *bench) error
}

// parts in the order they run; later ones work on what earlier ones leave, and make it themselves if they
// run alone.
func parts() []part {
	return []part{
		{"start", "start-up of a fresh server, and what it costs idle", startAndIdle},
		{"create", "create ConfigMaps of 1 KB and pods of 3 KB, by 1 and by 32 clients", creates},
		{"get", "get ConfigMaps and pods", gets},
		{"patch", "merge patch, status patch, server-side apply", patches},
		{"list", "list 10,000 pods in every form", lists},
		{"watch", "100 events to each of 500 watchers", watches},
		{"memory", "memory after all that", memory},
	}
}
