package main

import (
	"fmt"
	"io"
	"time"
)

// A table prints lines as they are measured.
type table struct{ out io.Writer }

// A line is a measurement beside its limit.
type line struct {
	name      string
	m         measure
	limitName string
	limit     measure // no ops: there is none
}

const lineFormat = "%-42s %10s %9s %9s %11s   %-5s %10s %11s %7s %7s\n"

func (t *table) head() {
	fmt.Fprintf(t.out, lineFormat, "", "ops/s", "p50", "p99", "CPU/op", "limit", "ops/s", "CPU/op", "speed", "CPU") //nolint:errcheck // standard output
}

func (t *table) add(l line) {
	limitRate, limitCPU, speed, cpu := "", "", "", ""
	if l.limit.ops > 0 {
		limitRate, limitCPU = number(l.limit.rate()), duration(l.limit.cpuPerOp())
		speed = fmt.Sprintf("%.2f", l.m.rate()/l.limit.rate())
		if l.limit.cpu > 0 && l.m.cpu > 0 {
			cpu = fmt.Sprintf("%.1fx", float64(l.m.cpuPerOp())/float64(l.limit.cpuPerOp()))
		}
	}
	fmt.Fprintf(t.out, lineFormat, l.name, number(l.m.rate()), duration(l.m.p50), duration(l.m.p99), duration(l.m.cpuPerOp()),
		l.limitName, limitRate, limitCPU, speed, cpu) //nolint:errcheck // standard output
}

// value prints a line that is a quantity and not a rate. ratio is to the limit's.
func (t *table) value(name, value, limitName, limit string, ratio float64) {
	r := ""
	if limit != "" {
		r = fmt.Sprintf("%.2fx", ratio)
	}
	fmt.Fprintf(t.out, "%-42s %10s %31s   %-5s %10s %19s\n", name, value, "", limitName, limit, r) //nolint:errcheck // standard output
}

// number prints three digits.
func number(f float64) string {
	switch {
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

// duration prints three digits in milliseconds or microseconds; "" for what is not known.
func duration(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d >= time.Millisecond:
		return number(float64(d)/1e6) + "ms"
	}
	return number(float64(d)/1e3) + "us"
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", n>>20) }
