// Package rules holds the rules of the house as tests: how long a file may be, what may import what, that
// every folder says what it is for. A failure names its remedy. Nothing imports this package.
package rules
