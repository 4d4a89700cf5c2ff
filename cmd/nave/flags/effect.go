package flags

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/nave-k8s/nave/server/features"
)

// An Effect is what setting a flag does.
type Effect int

// The effects.
const (
	Works   Effect = iota // the flag does what it does in kube-apiserver
	Nothing               // it is accepted, and nothing comes of it
	Refused               // the server does not start with it
)

// section returns the flag set of a section; its flags come in the order they are defined.
func (o *Options) section(name string) *pflag.FlagSet {
	return o.sections.FlagSet(name)
}

// nothing defines flags that have no effect, and says why. A row is type, name, default and usage.
func (o *Options) nothing(section, why string, rows ...[4]string) {
	o.define(o.without, section, why, rows)
}

// refuse defines flags that must stay at their defaults, and says why.
func (o *Options) refuse(section, why string, rows ...[4]string) {
	o.define(o.refused, section, why, rows)
}

func (o *Options) define(reasons map[string]string, section, why string, rows [][4]string) {
	f := o.section(section)
	for _, row := range rows {
		typ, name, value, usage := row[0], row[1], row[2], row[3]
		v, err := newValue(typ, value)
		if err != nil {
			panic(fmt.Sprintf("flags: --%s: %v", name, err)) // of the program
		}
		flag := f.VarPF(v, name, "", usage)
		if typ == "bool" {
			flag.NoOptDefVal = "true"
		}
		reasons[name] = why
	}
}

// Explain tells what comes of a flag, and if that is not what its usage says, why.
func (o *Options) Explain(name string) (Effect, string) {
	if why, ok := o.without[name]; ok {
		return Nothing, why
	}
	if why, ok := o.refused[name]; ok {
		return Refused, why
	}
	return Works, ""
}

// Check returns an error if a flag is set that must not be, or values do not fit each other. Flags that
// have been set to something else than their default in vain are told to log.
func (o *Options) Check(log func(name, value, why string)) error {
	var errs []error
	for _, name := range o.sections.Order {
		o.sections.FlagSets[name].VisitAll(func(f *pflag.Flag) {
			if !f.Changed || f.Value.String() == f.DefValue {
				return
			}
			switch effect, why := o.Explain(f.Name); effect {
			case Refused:
				errs = append(errs, fmt.Errorf("--%s is not supported: %s", f.Name, why))
			case Nothing:
				log(f.Name, f.Value.String(), why)
			}
		})
	}
	for _, settings := range o.gates {
		vain, err := features.Check(settings)
		errs = append(errs, err)
		for _, setting := range vain {
			log("feature-gates", setting, "Nave behaves as with the defaults of 1.37")
		}
	}
	errs = append(errs, o.validate()...)
	return errors.Join(errs...)
}

// validate holds the values against each other.
func (o *Options) validate() (errs []error) {
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(o.EtcdServers) == 0 {
		wrong("--etcd-servers must be specified (nave up needs none: it has its own)")
	}
	if len(o.ServiceAccountIssuers) == 0 {
		wrong("--service-account-issuer is a required flag")
	}
	if o.SigningKey == "" {
		wrong("--service-account-signing-key-file is a required flag")
	}
	if (o.TLSCert == "") != (o.TLSKey == "") {
		wrong("--tls-cert-file and --tls-private-key-file must be given together")
	}
	if o.EtcdPrefix != "/registry" {
		wrong("--etcd-prefix %s: keys are below /registry", o.EtcdPrefix)
	}
	if o.StorageBackend != "" && o.StorageBackend != "etcd3" {
		wrong("--storage-backend %s is not supported: it is etcd3", o.StorageBackend)
	}
	if o.SecurePort < 1 || o.SecurePort > 65535 {
		wrong("--secure-port %d must be between 1 and 65535, inclusive", o.SecurePort)
	}
	if o.GoawayChance < 0 || o.GoawayChance > 0.02 {
		wrong("--goaway-chance can not be less than 0 or greater than 0.02")
	}
	if o.MaxRequests < 0 || o.MaxMutatingRequests < 0 {
		wrong("--max-requests-inflight and --max-mutating-requests-inflight can not be negative")
	}
	if o.EventTTL <= 0 {
		wrong("--event-ttl must be positive")
	}
	if !slices.Contains([]string{"lease", "none"}, o.EndpointReconciler) {
		wrong("--endpoint-reconciler-type %s is not supported; it is lease or none", o.EndpointReconciler)
	}
	if o.LogFormat != "text" && o.LogFormat != "json" {
		wrong("--logging-format %s is not supported; it is text or json", o.LogFormat)
	}
	for _, d := range o.StrictTransportSecurity {
		if d != "includeSubDomains" && d != "preload" && !strings.HasPrefix(d, "max-age=") {
			wrong("--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information")
		}
	}
	return errs
}
