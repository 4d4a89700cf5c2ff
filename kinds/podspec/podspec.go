// Package podspec holds the rules of a PodSpec and of a PodTemplateSpec that Pod and every workload share:
// defaults, validation, warnings, and what is dropped because its feature is off.
//
// A workload's kind calls, in the order of a request:
//
//	podspec.DefaultTemplate(&d.Spec.Template)                                in Default
//	podspec.DropDisabledTemplate(&d.Spec.Template, oldTemplate)              in PrepareCreate and PrepareUpdate
//	podspec.ValidateTemplate(&d.Spec.Template, podspec.OptionsFor(oldTemplate), path)
//	podspec.TemplateWarnings(path, &d.Spec.Template, oldTemplate)            in Warn
//
// with oldTemplate nil on create. Errors come in kube-apiserver's order: first the template's metadata, then
// the spec. Pod calls the same functions for its spec (Default, ValidateSpec, Warnings) and adds its own.
//
// Callers: kinds/core/pod, kinds/core, kinds/apps, kinds/batch. Everything here is pure and safe for
// concurrent use; functions change only what they are given to default or to drop from.
package podspec
