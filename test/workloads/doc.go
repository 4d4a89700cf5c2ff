// Package workloads tells stories of the controllers of workloads against a whole control plane in the
// test's process. There are no nodes: a small player says of pods what a kubelet would say. It holds tests
// alone.
package workloads
