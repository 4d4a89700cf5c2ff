package openapi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// camel joins the letters and digits of a text: "obj-openapi.example.com" is objOpenapiExampleCom, or
// ObjOpenapiExampleCom if the first letter shall be large.
func camel(text string, first bool) string {
	var b strings.Builder
	large := first
	for _, c := range text {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			large = true
			continue
		case large:
			c = unicode.ToUpper(c)
		}
		large = false
		b.WriteRune(c)
	}
	return b.String()
}

// groupName is a group as operation ids have it.
func groupName(group string) string {
	if group == "" {
		return "core"
	}
	return strings.TrimSuffix(group, ".k8s.io")
}

// operationID returns an id such as "list" + "AppsV1" + "NamespacedDeployment".
func operationID(verb string, gv schema.GroupVersion, rest string) string {
	return verb + camel(groupName(gv.Group), true) + camel(gv.Version, true) + rest
}

// tagOf is the tag of all operations of a group version.
func tagOf(gv schema.GroupVersion) string {
	return camel(groupName(gv.Group), false) + "_" + camel(gv.Version, false)
}

// title makes the first letter of a subresource's name large.
func title(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(c)) + s[n:]
}

// withArticle returns "a Pod", "an Ingress", "Endpoints".
func withArticle(kind string) string {
	if strings.HasSuffix(kind, "s") && !strings.HasSuffix(kind, "ss") {
		return kind
	}
	if strings.ContainsRune("AEIOU", rune(kind[0])) {
		return "an " + kind
	}
	return "a " + kind
}
