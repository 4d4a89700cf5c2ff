// Package podspec holds the rules of a PodSpec and of a PodTemplateSpec that Pod and every workload share:
// defaults, validation, warnings, and what is dropped because its feature is off.
//
// A kind with a template calls, in the order of a request:
//
//	podspec.DefaultTemplate(&d.Spec.Template)                                      in Default
//	podspec.DropDisabledTemplate(&d.Spec.Template, oldTemplate)                    in PrepareCreate and PrepareUpdate
//	podspec.ValidateTemplate(&d.Spec.Template, podspec.OptionsFor(oldTemplate), p) in Validate and ValidateUpdate
//	podspec.TemplateWarnings(p, &d.Spec.Template)                                  in Warn
//
// with oldTemplate nil on create. Errors come in kube-apiserver's order. Pod calls the same functions for its
// spec (Default, DropDisabled, ValidateSpec, Warnings) and adds what only pods have.
//
// Callers: kinds/core/pod, kinds/core, kinds/workload. Everything here is pure and safe for concurrent use;
// functions change only what they are given to default or to drop from. Which features are on is that of
// a kube-apiserver without --feature-gates.
package podspec
