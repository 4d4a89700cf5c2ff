package serviceaccount

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Paths of the OpenID documents.
const (
	ConfigurationPath = "/.well-known/openid-configuration"
	KeysPath          = "/openid/v1/jwks"
)

// Documents are the OpenID documents of the issuer, encoded: others check the cluster's tokens with them.
type Documents struct {
	configuration, keys []byte
}

// NewDocuments makes them. keysURL is where others find the keys: an https URL that ends in KeysPath, or
// what --service-account-jwks-uri says.
func NewDocuments(issuer, keysURL string, keys []Key) (*Documents, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	var algorithms []string
	seen := map[string]bool{}
	for _, k := range keys {
		if seen[k.ID] {
			continue
		}
		seen[k.ID] = true
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.Public, KeyID: k.ID, Algorithm: string(k.Algorithm), Use: "sig"})
		if a := string(k.Algorithm); !slices.Contains(algorithms, a) {
			algorithms = append(algorithms, a)
		}
	}
	slices.Sort(algorithms)
	encodedKeys, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	configuration, err := json.Marshal(struct {
		Issuer        string   `json:"issuer"`
		JWKSURI       string   `json:"jwks_uri"`
		ResponseTypes []string `json:"response_types_supported"`
		SubjectTypes  []string `json:"subject_types_supported"`
		Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	}{issuer, keysURL, []string{"id_token"}, []string{"public"}, algorithms})
	if err != nil {
		return nil, err
	}
	return &Documents{configuration: configuration, keys: encodedKeys}, nil
}

// ServeConfiguration answers GET ConfigurationPath. Whoever may not read it has been refused before.
func (d *Documents) ServeConfiguration(w http.ResponseWriter, r *http.Request) error {
	return serveDocument(w, r, "application/json", d.configuration)
}

// ServeKeys answers GET KeysPath.
func (d *Documents) ServeKeys(w http.ResponseWriter, r *http.Request) error {
	return serveDocument(w, r, "application/jwk-set+json", d.keys)
}

func serveDocument(w http.ResponseWriter, r *http.Request, mediaType string, body []byte) error {
	if r.Method != http.MethodGet {
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusMethodNotAllowed, Reason: metav1.StatusReasonMethodNotAllowed,
			Message: "the server does not allow this method on the requested resource", Details: &metav1.StatusDetails{},
		}}
	}
	if !accepts(r.Header.Values("Accept"), mediaType) {
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
			Message: "406: Not Acceptable\n\nAvailable representations: " + mediaType, Details: &metav1.StatusDetails{},
		}}
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, err := w.Write(body)
	return err
}

// accepts reports whether one of the Accept headers names the type, or any type; parameters do not count.
func accepts(headers []string, mediaType string) bool {
	all := strings.Join(headers, ",")
	if strings.TrimSpace(all) == "" {
		return true
	}
	for part := range strings.SplitSeq(all, ",") {
		name, _, _ := strings.Cut(part, ";")
		if name = strings.TrimSpace(name); name == mediaType || name == "*/*" {
			return true
		}
	}
	return false
}
