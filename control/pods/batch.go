package pods

import "sync"

// SlowStart calls do count times, at first once, then twice as many at once each time. The first failure of
// a batch ends it, so that what fails always fails few times. It returns how many succeeded.
func SlowStart(count int, do func(i int) error) (succeeded int, err error) {
	for batch, started := 1, 0; started < count && err == nil; batch *= 2 {
		n := min(batch, count-started)
		failures := All(n, func(i int) error { return do(started + i) })
		for _, e := range failures {
			if e == nil {
				succeeded++
			} else if err == nil {
				err = e
			}
		}
		started += n
	}
	return succeeded, err
}

// All calls do count times at once and returns what each returned.
func All(count int, do func(i int) error) []error {
	errs := make([]error, count)
	if count == 1 {
		errs[0] = do(0)
		return errs
	}
	var wait sync.WaitGroup
	for i := range count {
		wait.Go(func() { errs[i] = do(i) })
	}
	wait.Wait()
	return errs
}

// First returns the first error that is one.
func First(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
