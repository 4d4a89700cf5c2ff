// Command go does what programs do with client-go: a shared informer, leader election, the dynamic client,
// discovery, apply configurations, protobuf and metadata clients. It uses the kubeconfig that KUBECONFIG names,
// and ends with an error when something is not as it should be.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const namespace = "default"

// A part is one thing to do; they follow each other.
type part struct {
	name string
	do   func(context.Context, *rest.Config, kubernetes.Interface) error
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("done")
}

func run(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.UserAgent = "client-test"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	for _, p := range []part{
		{"objects", objects}, {"watch", watches}, {"informer", informs}, {"leader election", elects},
		{"discovery", discovers}, {"dynamic client", anyKind}, {"apply configurations", applies},
		{"metadata client", metadata}, {"pages", pages},
	} {
		started := time.Now()
		if err := p.do(ctx, config, client); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Printf("%s: %s\n", p.name, time.Since(started).Round(time.Millisecond))
	}
	return nil
}

// same is an error when what there is is not what should be.
func same[T comparable](what string, have, want T) error {
	if have != want {
		return fmt.Errorf("%s: %v, not %v", what, have, want)
	}
	return nil
}
