package control

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
)

// events makes the recorders of controllers and stops them all together.
type events struct {
	ctx          context.Context
	broadcasters []record.EventBroadcaster
}

// of returns a maker of recorders that write in the client's name. A controller that asks for none costs
// nothing.
func (e *events) of(client kubernetes.Interface) func(component string) record.EventRecorder {
	return func(component string) record.EventRecorder {
		b := record.NewBroadcaster(record.WithContext(e.ctx))
		e.broadcasters = append(e.broadcasters, b)
		b.StartRecordingToSink(&typed.EventSinkImpl{Interface: client.CoreV1().Events("")})
		return b.NewRecorder(scheme.Scheme, corev1.EventSource{Component: component})
	}
}

func (e *events) shutdown() {
	for _, b := range e.broadcasters {
		b.Shutdown()
	}
}

// trim drops what no controller reads before an object is kept: managed fields are often half of it.
func trim(obj any) (any, error) {
	if o, err := meta.Accessor(obj); err == nil {
		o.SetManagedFields(nil)
	}
	return obj, nil
}
