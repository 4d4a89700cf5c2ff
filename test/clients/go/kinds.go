package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	applyapps "k8s.io/client-go/applyconfigurations/apps/v1"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	applymeta "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	metadataclient "k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// discovers which kinds there are, in the old and the aggregated way, and what serves a kind.
func discovers(_ context.Context, config *rest.Config, client kubernetes.Interface) error {
	finder := client.Discovery()
	groups, lists, err := finder.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	old, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	old.UseLegacyDiscovery = true
	oldGroups, oldLists, err := old.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	if err := errors.Join(same("groups", len(groups), len(oldGroups)), same("resources", count(lists), count(oldLists))); err != nil {
		return err
	}
	resources, err := restmapper.GetAPIGroupResources(finder)
	if err != nil {
		return err
	}
	mapping, err := restmapper.NewDiscoveryRESTMapper(resources).RESTMapping(schema.GroupKind{Group: "apps", Kind: "Deployment"})
	if err != nil {
		return err
	}
	version, err := finder.ServerVersion()
	if err != nil {
		return err
	}
	paths, err := finder.OpenAPIV3().Paths()
	if err != nil {
		return err
	}
	if _, ok := paths["apis/apps/v1"]; !ok {
		return fmt.Errorf("the OpenAPI documents lack apps/v1")
	}
	document, err := finder.OpenAPISchema()
	if err != nil {
		return err
	}
	if len(document.GetDefinitions().GetAdditionalProperties()) < 500 {
		return fmt.Errorf("the OpenAPI document has few definitions")
	}
	return errors.Join(
		same("resource of Deployment", mapping.Resource.String(), "apps/v1, Resource=deployments"),
		same("minor version", version.Minor, "37"))
}

func count(lists []*metav1.APIResourceList) (n int) {
	for _, l := range lists {
		n += len(l.APIResources)
	}
	return n
}

// anyKind works with objects of which the program knows only the names.
func anyKind(ctx context.Context, config *rest.Config, _ kubernetes.Interface) error {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	jobs := client.Resource(schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "cronjobs"}).Namespace(namespace)
	job := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "batch/v1", "kind": "CronJob", "metadata": map[string]any{"name": "nightly"},
		"spec": map[string]any{"schedule": "0 2 * * *", "jobTemplate": map[string]any{"spec": map[string]any{"template": map[string]any{
			"spec": map[string]any{"restartPolicy": "Never", "containers": []any{map[string]any{"name": "job", "image": "busybox"}}},
		}}}},
	}}
	made, err := jobs.Create(ctx, job, metav1.CreateOptions{FieldValidation: "Strict"})
	if err != nil {
		return err
	}
	policy, _, _ := unstructured.NestedString(made.Object, "spec", "concurrencyPolicy")
	list, err := jobs.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	return errors.Join(
		same("default", policy, "Allow"), same("list", len(list.Items), 1), same("kind of the list", list.GetKind(), "CronJobList"),
		jobs.Delete(ctx, "nightly", metav1.DeleteOptions{}))
}

// applies states with typed configurations what the program wants, and takes over what it owned before.
func applies(ctx context.Context, _ *rest.Config, client kubernetes.Interface) error {
	deployments := client.AppsV1().Deployments(namespace)
	labels := map[string]string{"app": "web"}
	web := applyapps.Deployment("web", namespace).WithSpec(applyapps.DeploymentSpec().
		WithReplicas(2).
		WithSelector(applymeta.LabelSelector().WithMatchLabels(labels)).
		WithTemplate(applycore.PodTemplateSpec().WithLabels(labels).WithSpec(applycore.PodSpec().WithContainers(
			applycore.Container().WithName("web").WithImage("nginx")))))
	options := metav1.ApplyOptions{FieldManager: "go"}
	made, err := deployments.Apply(ctx, web, options)
	if err != nil {
		return err
	}
	owned, err := applyapps.ExtractDeployment(made, "go")
	if err != nil {
		return err
	}
	owned.Spec.WithReplicas(3)
	third, err := deployments.Apply(ctx, owned, options)
	if err != nil {
		return err
	}
	// What no controller writes keeps its version when the same is stated again.
	settings := applycore.ConfigMap("applied", namespace).WithData(map[string]string{"a": "b"})
	first, err := client.CoreV1().ConfigMaps(namespace).Apply(ctx, settings, options)
	if err != nil {
		return err
	}
	again, err := client.CoreV1().ConfigMaps(namespace).Apply(ctx, settings, options)
	if err != nil {
		return err
	}
	return errors.Join(
		same("version after the same again", again.ResourceVersion, first.ResourceVersion),
		same("replicas", *third.Spec.Replicas, 3),
		deployments.Delete(ctx, "web", metav1.DeleteOptions{}))
}

// metadata reads only what all objects have.
func metadata(ctx context.Context, config *rest.Config, _ kubernetes.Interface) error {
	client, err := metadataclient.NewForConfig(config)
	if err != nil {
		return err
	}
	list, err := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	var names []string
	for _, n := range list.Items {
		names = append(names, n.Name)
	}
	if want := []string{"default", "kube-node-lease", "kube-public", "kube-system"}; !slices.Equal(names, want) {
		return fmt.Errorf("names: %v, not %v", names, want)
	}
	return nil
}
