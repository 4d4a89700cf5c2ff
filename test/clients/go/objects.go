package main

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": "go"}}, Data: data}
}

// objects are made, read, changed in every way, and deleted: in JSON, and in protobuf.
func objects(ctx context.Context, config *rest.Config, client kubernetes.Interface) error {
	binary := rest.CopyConfig(config)
	binary.ContentType = "application/vnd.kubernetes.protobuf"
	second, err := kubernetes.NewForConfig(binary)
	if err != nil {
		return err
	}
	return errors.Join(changes(ctx, client), changes(ctx, second))
}

func changes(ctx context.Context, client kubernetes.Interface) error {
	maps := client.CoreV1().ConfigMaps(namespace)
	if _, err := maps.Create(ctx, configMap("page", map[string]string{"color": "blue"}), metav1.CreateOptions{}); err != nil {
		return err
	}
	if _, err := maps.Create(ctx, configMap("page", nil), metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("a second create: %w", err)
	}
	for _, p := range []struct {
		kind types.PatchType
		text string
	}{
		{types.JSONPatchType, `[{"op":"add","path":"/data/size","value":"large"}]`},
		{types.MergePatchType, `{"data":{"color":"red"}}`},
		{types.StrategicMergePatchType, `{"metadata":{"labels":{"tier":"front"}}}`},
		{types.ApplyYAMLPatchType, `{"apiVersion":"v1","kind":"ConfigMap","data":{"shape":"round"}}`},
	} {
		if _, err := maps.Patch(ctx, "page", p.kind, []byte(p.text), metav1.PatchOptions{FieldManager: "go"}); err != nil {
			return fmt.Errorf("%s: %w", p.kind, err)
		}
	}
	page, err := maps.Get(ctx, "page", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := same("data", fmt.Sprint(page.Data), "map[color:red shape:round size:large]"); err != nil {
		return err
	}
	old := page.DeepCopy()
	page.Data["color"] = "green"
	if _, err := maps.Update(ctx, page, metav1.UpdateOptions{}); err != nil {
		return err
	}
	old.Data["color"] = "black"
	if _, err := maps.Update(ctx, old, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		return fmt.Errorf("an update of an old version: %w", err)
	}
	uid := types.UID("another")
	if err := maps.Delete(ctx, "page", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}}); !apierrors.IsConflict(err) {
		return fmt.Errorf("a delete of another object: %w", err)
	}
	if err := maps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "app=go"}); err != nil {
		return err
	}
	if _, err := maps.Get(ctx, "page", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return fmt.Errorf("after the delete: %w", err)
	}
	return nil
}

// pages lists in parts, of one moment, though there are writes in between.
func pages(ctx context.Context, _ *rest.Config, client kubernetes.Interface) error {
	maps := client.CoreV1().ConfigMaps("kube-public")
	for i := range 25 {
		if _, err := maps.Create(ctx, configMap(fmt.Sprintf("page-%02d", i), nil), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	seen, token := 0, ""
	for {
		list, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "app=go", Limit: 10, Continue: token})
		if err != nil {
			return err
		}
		seen += len(list.Items)
		if list.Continue == "" {
			return same("objects in all pages", seen, 25)
		}
		token = list.Continue
		if _, err := maps.Create(ctx, configMap(fmt.Sprintf("page-99-%d", seen), nil), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
}
