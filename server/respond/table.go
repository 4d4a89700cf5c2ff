package respond

import (
	"encoding/json"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// table is a Table in the making.
type table struct {
	metav1.Table
	res     *kinds.Resource
	media   Media
	include metav1.IncludeObjectPolicy
	now     time.Time
}

func newTable(r *request.Request, media Media, res *kinds.Resource) (*table, error) {
	include := metav1.IncludeObjectPolicy(r.Query.Get("includeObject"))
	switch include {
	case "":
		include = metav1.IncludeMetadata
	case metav1.IncludeMetadata, metav1.IncludeObject, metav1.IncludeNone:
	default:
		err := field.Invalid(field.NewPath("includeObject"), include, "must be 'Metadata', 'Object', 'None', or empty")
		return nil, apierrors.NewBadRequest("Unable to convert to Table as requested: " + err.Error())
	}
	t := &table{res: res, media: media, include: include, now: time.Now()}
	t.Kind, t.APIVersion = "Table", media.As.GroupVersion().String()
	t.ColumnDefinitions = res.Root().Table.Columns
	if t.ColumnDefinitions == nil {
		t.ColumnDefinitions = defaultColumns
	}
	t.Rows = []metav1.TableRow{}
	return t, nil
}

var defaultColumns = kinds.Columns(
	kinds.Column{Name: "Name", Type: "string", Format: "name", Description: metav1.ObjectMeta{}.SwaggerDoc()["name"]},
	kinds.Column{Name: "Created At", Type: "date", Description: metav1.ObjectMeta{}.SwaggerDoc()["creationTimestamp"]},
)

// row makes the row of an object in the stored version.
func (t *table) row(obj kinds.Object) (metav1.TableRow, error) {
	row, err := t.cells(obj)
	if err != nil {
		return row, err
	}
	t.addObject(&row, obj)
	return row, nil
}

// rowsTogether makes the rows of a list of a kind whose rows depend on each other.
func (t *table) rowsTogether(items []Item) error {
	objs := make([]kinds.Object, len(items))
	for i, item := range items {
		var err error
		if objs[i], err = item.Root(); err != nil {
			return err
		}
	}
	for i, cells := range t.res.Root().Table.Together(objs, t.now) {
		row := metav1.TableRow{Cells: cells}
		t.addObject(&row, objs[i])
		t.Rows = append(t.Rows, row)
	}
	return nil
}

// addObject adds to a row what the client wants of the object.
func (t *table) addObject(row *metav1.TableRow, obj kinds.Object) {
	switch t.include {
	case metav1.IncludeObject:
		if t.res.Hub != nil {
			obj = t.res.FromHub(obj)
		}
		obj.GetObjectKind().SetGroupVersionKind(t.res.GroupVersionKind())
		row.Object.Object = obj
	case metav1.IncludeMetadata:
		row.Object.Object = partial(t.res, obj, t.media.As.Version)
	}
}

func (t *table) cells(obj kinds.Object) (row metav1.TableRow, err error) {
	if f := t.res.Root().Table.Cells; f != nil {
		row.Cells = f(obj, t.now)
	} else {
		row.Cells = []any{obj.GetName(), obj.GetCreationTimestamp().UTC().Format(time.RFC3339)}
	}
	if f := t.res.Root().Table.Conditions; f != nil {
		row.Conditions = f(obj)
	}
	return row, nil
}

func (t *table) write(w http.ResponseWriter, r *request.Request, code int) error {
	body, err := marshal(t.media, &t.Table, "", "")
	if err != nil {
		return err
	}
	write(w, r, t.media.Type, code, body)
	return nil
}

// appendRow appends the JSON of an item's row.
func (t *table) appendRow(out []byte, item Item) ([]byte, error) {
	if t.include == metav1.IncludeObject {
		obj, err := item.Root()
		if err != nil {
			return out, err
		}
		row, err := t.row(obj)
		if err != nil {
			return out, err
		}
		js, err := json.Marshal(row)
		return append(out, js...), err
	}
	obj, err := item.Row()
	if err != nil {
		return out, err
	}
	row, err := t.cells(obj)
	if err != nil {
		return out, err
	}
	js, err := json.Marshal(row) // ends in "object":null}
	if err != nil || t.include == metav1.IncludeNone {
		return append(out, js...), err
	}
	out = append(out, js[:len(js)-len("null}")]...)
	if out, err = appendPartial(out, t.res, item, t.media.As.Version); err != nil {
		return out, err
	}
	return append(out, '}'), nil
}
