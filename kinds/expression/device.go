package expression

import (
	"fmt"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/ext"
	resourcev1 "k8s.io/api/resource/v1"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

// Device compiles an expression that selects devices. It returns what is wrong with it, "" for nothing,
// and the most that an evaluation can cost.
func Device(text string) (problem string, cost uint64) {
	d, err := devices()
	if err != nil {
		return fmt.Sprintf("unexpected error loading CEL environment: %v", err), 0
	}
	ast, issues := d.env.Compile(text)
	if issues != nil {
		return "compilation failed: " + issues.String(), 0
	}
	if out := ast.OutputType(); out != cel.BoolType && out != cel.AnyType {
		return fmt.Sprintf("must evaluate to %v or the unknown type, not %v", cel.BoolType, out), 0
	}
	estimate, err := d.env.EstimateCost(ast, &library.CostEstimator{SizeEstimator: sizes{d}})
	if err != nil {
		return "cost estimation failed: " + err.Error(), 0
	}
	return "", estimate.Max
}

// deviceEnv is what expressions of devices see.
type deviceEnv struct {
	env       *cel.Env
	device    *apiservercel.DeclType
	attribute *apiservercel.DeclType
}

// devices makes the environment when the first expression comes; it is the same for all.
var devices = sync.OnceValues(func() (*deviceEnv, error) {
	bounded := func(t *apiservercel.DeclType, limit int64) *apiservercel.DeclType {
		sized := *t
		sized.MaxElements = limit
		return &sized
	}
	domain := bounded(apiservercel.StringType, resourcev1.DeviceMaxDomainLength)
	id := bounded(apiservercel.StringType, resourcev1.DeviceMaxIDLength)
	d := &deviceEnv{attribute: bounded(apiservercel.AnyType, resourcev1.DeviceAttributeMaxValueLength)}
	byName := func(of *apiservercel.DeclType) *apiservercel.DeclType {
		const most = resourcev1.ResourceSliceMaxAttributesAndCapacitiesPerDevice
		return apiservercel.NewMapType(domain, apiservercel.NewMapType(id, of, most), most)
	}
	d.device = object("kubernetes.DRADevice", map[string]*apiservercel.DeclType{
		"driver":                   bounded(apiservercel.StringType, resourcev1.DriverNameMaxLength),
		"attributes":               byName(d.attribute),
		"capacity":                 byName(apiservercel.QuantityDeclType),
		"allowMultipleAllocations": apiservercel.BoolType,
	})
	set, err := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).Extend(environment.VersionedOptions{
		IntroducedVersion: always(),
		EnvOptions: []cel.EnvOption{
			cel.Variable("device", d.device.CelType()),
			library.SemverLib(library.SemverVersion(1)),
			ext.Bindings(ext.BindingsVersion(0)),
		},
		DeclTypes: []*apiservercel.DeclType{d.device},
	})
	if err != nil {
		return nil, err
	}
	d.env = set.NewExpressionsEnv()
	return d, nil
})

// sizes tells the estimate how long the texts and how big the maps of a device can be.
type sizes struct{ *deviceEnv }

func (s sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	path := node.Path()
	if len(path) == 0 || path[0] != "device" {
		return nil
	}
	at := s.device
	for _, step := range path[1:] {
		if at = s.follow(at, step); at == nil {
			return nil
		}
	}
	return &checker.SizeEstimate{Max: uint64(at.MaxElements)}
}

func (s sizes) follow(from *apiservercel.DeclType, step string) *apiservercel.DeclType {
	switch step {
	case "@keys":
		return from.KeyType
	case "@items", "@values":
		return from.ElemType
	}
	if f, ok := from.Fields[step]; ok {
		return f.Type
	}
	if from.ElemType == s.attribute { // an attribute by its name
		return from.ElemType
	}
	return nil
}

func (sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}
