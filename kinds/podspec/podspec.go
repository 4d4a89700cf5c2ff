// Package podspec holds the rules of a PodSpec and of a PodTemplateSpec that Pod and every workload share:
// defaults, validation, warnings. Callers: kinds/core/pod, kinds/core, kinds/apps, kinds/batch.
package podspec
