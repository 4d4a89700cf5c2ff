package kinds

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// Table says how kubectl get shows a kind. The zero value is Name and Created At.
type Table struct {
	Columns []metav1.TableColumnDefinition
	// Cells returns a value for each column: string, int64, bool or nil.
	Cells func(obj Object, now time.Time) []any
	// Reads are the fields that Cells and Conditions look at, as paths of JSON names ("spec.containers.name"):
	// for a kind of which there are many, so that listing them decodes no more. Nil: the whole object.
	Reads []string
	// Together, when set, makes the rows of a list instead, where they depend on each other. It may put the
	// objects in another order, and returns the cells of each.
	Together func(objs []Object, now time.Time) [][]any
	// Conditions of a row (a pod that is Completed); nil for none.
	Conditions func(obj Object) []metav1.TableRowCondition
}

// Fields says which field selectors a kind accepts. The zero value accepts metadata.name and
// metadata.namespace alone and refuses others as facts call style A.
type Fields struct {
	// Names are the labels accepted besides metadata.name and metadata.namespace.
	Names []string
	// NoNamespace: metadata.namespace is not accepted.
	NoNamespace bool
	// Values returns the values of Names for an object.
	Values func(obj Object) fields.Set
	// Refuse returns the text of the error for a label that is not accepted. Nil: style A,
	// `"x" is not a known field selector: only "metadata.name", "metadata.namespace"`.
	Refuse func(label string) string
	// Rename gives the names in Values of labels that are accepted under another name: old ones
	// ("spec.host" for "spec.nodeName"), and those of a kind with a Hub, whose Values are the hub's.
	Rename map[string]string
}

// RefuseUnsupported is style B, which most kinds with fields of their own use.
func RefuseUnsupported(label string) string { return "field label not supported: " + label }

// Columns builds column definitions; each row is name, type, format, priority and description.
func Columns(rows ...Column) []metav1.TableColumnDefinition {
	out := make([]metav1.TableColumnDefinition, len(rows))
	for i, c := range rows {
		out[i] = metav1.TableColumnDefinition{Name: c.Name, Type: c.Type, Format: c.Format, Priority: c.Priority, Description: c.Description}
	}
	return out
}

// Column is one column of a Table.
type Column struct {
	Name, Type, Format string
	Priority           int32
	Description        string
}
