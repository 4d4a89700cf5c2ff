package podspec

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/signer"
)

// projection checks the sources of one projected volume; files of two sources must not collide.
type projection struct {
	at    *field.Path // of the volume's projected
	opts  Options
	paths map[string]bool
	errs  field.ErrorList
}

func validateProjected(v *corev1.ProjectedVolumeSource, opts Options, path *field.Path) field.ErrorList {
	errs := validateMode(v.DefaultMode, path.Child("defaultMode"))
	p := projection{at: path, opts: opts, paths: map[string]bool{}}
	for i := range v.Sources {
		p.source(&v.Sources[i], path.Child("sources").Index(i))
	}
	return append(errs, p.errs...)
}

func (p *projection) add(errs field.ErrorList) { p.errs = append(p.errs, errs...) }

// claim takes a path for a source; shown is what the error of a taken one shows.
func (p *projection) claim(path, shown string) {
	if p.paths[path] {
		p.errs = append(p.errs, field.Invalid(p.at, shown, "conflicting duplicate paths"))
	}
	p.paths[path] = true
}

func (p *projection) source(s *corev1.VolumeProjection, at *field.Path) {
	seen := false
	first := func(there bool) bool {
		if there && seen {
			p.errs = append(p.errs, field.Forbidden(at, "may not specify more than 1 volume type per source"))
			return false
		}
		seen = seen || there
		return there
	}
	if first(s.Secret != nil) {
		p.items(s.Secret.Name, s.Secret.Items, at.Child("secret"))
	}
	if first(s.ConfigMap != nil) {
		p.items(s.ConfigMap.Name, s.ConfigMap.Items, at.Child("configMap"))
	}
	if first(s.DownwardAPI != nil) {
		p.downward(s.DownwardAPI.Items, at.Child("downwardAPI"))
	}
	if first(s.ServiceAccountToken != nil) {
		p.token(s.ServiceAccountToken, at.Child("serviceAccountToken"))
	}
	if first(s.ClusterTrustBundle != nil) {
		p.trustBundle(s.ClusterTrustBundle, at.Child("clusterTrustBundle"))
	}
	if first(s.PodCertificate != nil) {
		p.certificate(s.PodCertificate, at.Child("podCertificate"))
	}
}

func (p *projection) items(name string, items []corev1.KeyToPath, at *field.Path) {
	p.add(require(name, at.Child("name")))
	for i := range items {
		p.add(validateItem(&items[i], at.Child("items").Index(i)))
		if items[i].Path != "" {
			p.claim(items[i].Path, name)
		}
	}
}

func (p *projection) downward(files []corev1.DownwardAPIVolumeFile, at *field.Path) {
	for i := range files {
		p.add(validateDownwardFile(&files[i], at))
		if files[i].Path != "" {
			p.claim(files[i].Path, files[i].Path)
		}
	}
}

func (p *projection) token(t *corev1.ServiceAccountTokenProjection, at *field.Path) {
	if seconds := t.ExpirationSeconds; seconds != nil {
		if *seconds < 10*60 {
			p.errs = append(p.errs, field.Invalid(at.Child("expirationSeconds"), *seconds, "may not specify a duration less than 10 minutes"))
		}
		if *seconds > 1<<32 {
			p.errs = append(p.errs, field.Invalid(at.Child("expirationSeconds"), *seconds, "may not specify a duration larger than 2^32 seconds"))
		}
	}
	// The path is reported at the volume, not at the source.
	if t.Path == "" {
		p.errs = append(p.errs, field.Required(p.at.Child("path"), ""))
	} else if !p.opts.NonLocalTokenPaths {
		p.add(validateFreePath(t.Path, p.at.Child("path")))
	}
}

func (p *projection) trustBundle(b *corev1.ClusterTrustBundleProjection, at *field.Path) {
	switch {
	case b.Name != nil && b.SignerName != nil:
		p.errs = append(p.errs, field.Invalid(at, internalname.Value(b), "only one of name and signerName may be used"))
	case b.Name != nil:
		p.add(validateBundleName(*b.Name, at.Child("name")))
		if b.LabelSelector != nil {
			p.errs = append(p.errs, field.Invalid(at.Child("labelSelector"), b.LabelSelector, "labelSelector must be unset if name is specified"))
		}
	case b.SignerName != nil:
		if *b.SignerName == "" {
			p.errs = append(p.errs, field.Required(at.Child("signerName"), "must be a valid signer name"))
		}
		p.add(signer.ValidateName(*b.SignerName, at.Child("signerName")))
		selector := at.Child("labelSelector")
		for _, err := range metav1validation.ValidateLabelSelector(b.LabelSelector, metav1validation.LabelSelectorValidationOptions{}, selector) {
			p.errs = append(p.errs, field.Invalid(selector, b.LabelSelector, fmt.Sprintf("not a valid label selector: %v", err)))
		}
	default:
		p.errs = append(p.errs, field.Required(at, "either name or signerName must be specified"))
	}
	p.add(require(b.Path, at.Child("path")))
	p.add(validateFreePath(b.Path, at.Child("path")))
	p.claim(b.Path, b.Path)
}

// validateBundleName checks the name of a ClusterTrustBundle: a subdomain, after the name of its signer and
// a colon, if it has one, with the signer's slash written as a colon too.
func validateBundleName(name string, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	if name == "" {
		errs = append(errs, field.Required(at, "must be a valid object name"))
	}
	rest := name
	if i := strings.LastIndex(name, ":"); i >= 0 {
		rest = name[i+1:]
	}
	for _, msg := range validation.IsDNS1123Subdomain(rest) {
		errs = append(errs, field.Invalid(at, name, "not a valid clustertrustbundlename: "+msg))
	}
	return errs
}

// certificateKeyTypes are the keys a kubelet can make, in the order errors list them.
var certificateKeyTypes = []string{"RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"}

func (p *projection) certificate(c *corev1.PodCertificateProjection, at *field.Path) {
	p.add(signer.ValidateName(c.SignerName, at.Child("signerName")))
	if !slices.Contains(certificateKeyTypes, c.KeyType) {
		p.errs = append(p.errs, field.NotSupported(at.Child("keyType"), c.KeyType, certificateKeyTypes))
	}
	if seconds := c.MaxExpirationSeconds; seconds != nil {
		longest := int32(91 * 24 * 60 * 60)
		if strings.HasPrefix(c.SignerName, "kubernetes.io/") || strings.Contains(c.SignerName, ".kubernetes.io/") {
			longest = 24 * 60 * 60
		}
		if *seconds < 60*60 {
			p.errs = append(p.errs, field.Invalid(at.Child("maxExpirationSeconds"), *seconds, "if provided, maxExpirationSeconds must be >= 3600"))
		}
		if *seconds > longest {
			p.errs = append(p.errs, field.Invalid(at.Child("maxExpirationSeconds"), *seconds, fmt.Sprintf("if provided, maxExpirationSeconds must be <= %d", longest)))
		}
	}
	paths := 0
	for _, file := range []struct{ name, path string }{
		{"credentialBundlePath", c.CredentialBundlePath}, {"keyPath", c.KeyPath}, {"certificateChainPath", c.CertificateChainPath},
	} {
		if file.path == "" {
			continue
		}
		paths++
		p.add(validateFreePath(file.path, at.Child(file.name)))
		p.claim(file.path, file.path)
	}
	if paths == 0 {
		p.errs = append(p.errs, field.Required(at, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"))
	}
}
