package batch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Indexes of a job are written as ascending numbers and ranges: "1,3-5,7".

// countIndexes returns how many indexes a text names, all below completions. Nothing names none.
func countIndexes(text string, completions int32) (int32, error) {
	if text == "" {
		return 0, nil
	}
	var total int32
	last := int32(-1)
	for i, part := range strings.Split(text, ",") {
		from, to, err := parseRange(part, completions)
		if err != nil {
			return 0, err
		}
		if i > 0 && last >= from {
			return 0, notIncreasing(last, from)
		}
		total += to - from + 1
		last = to
	}
	return total, nil
}

func parseRange(text string, completions int32) (from, to int32, err error) {
	first, second, isRange := strings.Cut(text, "-")
	if strings.Contains(second, "-") {
		return 0, 0, fmt.Errorf("the fragment %q violates the requirement that an index interval can have at most two parts separated by '-'", text)
	}
	if from, err = parseIndex(first, completions); err != nil || !isRange {
		return from, from, err
	}
	if to, err = parseIndex(second, completions); err != nil {
		return 0, 0, err
	}
	if from >= to {
		return 0, 0, notIncreasing(from, to)
	}
	return from, to, nil
}

func parseIndex(text string, completions int32) (int32, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("cannot convert string to integer for index: %q", text)
	}
	if n >= int(completions) {
		return 0, fmt.Errorf("too large index: %q", text)
	}
	return int32(n), nil
}

func notIncreasing(previous, current int32) error {
	return fmt.Errorf("non-increasing order, previous: %d, current: %d", previous, current)
}

// overlap finds the first index that two texts both name. Parts that cannot be parsed are passed over.
func overlap(completed, failed string, completions int32) error {
	a, b := parseRanges(completed, completions), parseRanges(failed, completions)
	for len(a) > 0 && len(b) > 0 {
		if a[0].from <= b[0].to && b[0].from <= a[0].to {
			return errors.New("failedIndexes and completedIndexes overlap at index: " + strconv.Itoa(int(max(a[0].from, b[0].from))))
		}
		if a[0].from <= b[0].from {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return nil
}

type indexRange struct{ from, to int32 }

func parseRanges(text string, completions int32) []indexRange {
	if text == "" {
		return nil
	}
	var out []indexRange
	for _, part := range strings.Split(text, ",") {
		if from, to, err := parseRange(part, completions); err == nil {
			out = append(out, indexRange{from, to})
		}
	}
	return out
}
