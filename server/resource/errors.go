package resource

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/store"
)

const optimisticLock = "the object has been modified; please apply your changes to the latest version and try again"

func notFound(res *kinds.Resource, name string) error {
	return apierrors.NewNotFound(res.GroupResource(), name)
}

func conflict(res *kinds.Resource, name, text string) error {
	return apierrors.NewConflict(res.GroupResource(), name, errors.New(text))
}

// storeError is what a client hears of an error of the store.
func storeError(err error) error {
	var (
		compacted *store.CompactedError
		future    *store.FutureError
	)
	switch {
	case errors.As(err, &compacted):
		return apierrors.NewResourceExpired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.")
	case errors.As(err, &future):
		return tooLargeVersion(0, future.Current)
	case errors.Is(err, store.ErrTooLarge):
		return plainError(store.ErrTooLarge.Error())
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return apierrors.NewTimeoutError("request did not complete within the allotted timeout", 0)
	}
	return err
}

// tooLargeVersion refuses a resource version that no write has reached yet.
func tooLargeVersion(asked, current int64) error {
	err := apierrors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", asked, current), 1)
	err.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: metav1.CauseTypeResourceVersionTooLarge, Message: "Too large resource version"}}
	return err
}

// plainError is a status without a reason, as kube-apiserver gives for what it did not expect.
func plainError(text string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: http.StatusInternalServerError, Message: text}}
}
