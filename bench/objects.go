package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// namespace is where everything is made.
const namespace = "bench"

// filler is text of so many bytes, the same each time.
func filler(size int) []byte {
	const text = "The quick brown fox jumps over the lazy dog; 0123456789. "
	return []byte(strings.Repeat(text, size/len(text)+1)[:size])
}

// object is JSON in the making.
type object = map[string]any

// configMap is a ConfigMap of 1 KB as a client sends it.
func configMap(name string, round int) []byte {
	return encode(object{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": name, "namespace": namespace},
		"data": object{"round": fmt.Sprint(round), "config.yaml": string(filler(850))},
	})
}

// pod is a pod of 3 KB as a controller sends it. Nothing schedules it, so that it stays as it is.
func pod(i int) []byte {
	var containers []object
	for _, name := range []string{"app", "proxy"} {
		containers = append(containers, container(name))
	}
	return encode(object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": object{
			"name": podName(i), "namespace": namespace,
			"labels":      object{"app": "web", "pod-template-hash": "5d4f8c7b9", "tier": "frontend", groupLabel: fmt.Sprint(i % groups)},
			"annotations": object{"example.com/config-hash": "9f86d081884c7d659a2feaa0c55ad015", "example.com/notes": string(filler(500))},
			"ownerReferences": []object{{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5d4f8c7b9",
				"uid": "0b7a1f6e-3f0a-4d86-9a55-6f5e8e3a2b11", "controller": true, "blockOwnerDeletion": true}},
		},
		"spec": object{
			"schedulerName": "bench", "containers": containers,
			"volumes":     []object{{"name": "config", "configMap": object{"name": "web"}}, {"name": "cache", "emptyDir": object{}}},
			"tolerations": []object{{"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}},
			"affinity": object{"podAntiAffinity": object{"preferredDuringSchedulingIgnoredDuringExecution": []object{{
				"weight": 100, "podAffinityTerm": object{"topologyKey": "kubernetes.io/hostname", "labelSelector": object{"matchLabels": object{"app": "web"}}},
			}}}},
		},
	})
}

// The label of which each value selects one pod in a hundred.
const (
	groupLabel = "bench-group"
	groups     = 100
)

func podName(i int) string { return fmt.Sprintf("web-5d4f8c7b9-%05d", i) }

func container(name string) object {
	probe := object{"httpGet": object{"path": "/healthz", "port": "http"}, "periodSeconds": 10}
	return object{
		"name": name, "image": "registry.example.com/team/" + name + ":v1.27.3",
		"args":  []string{"--config=/etc/web/config.yaml", "--log-level=info"},
		"ports": []object{{"name": "http", "containerPort": 8080}},
		"env": []object{
			{"name": "POD_NAME", "valueFrom": object{"fieldRef": object{"fieldPath": "metadata.name"}}},
			{"name": "POD_IP", "valueFrom": object{"fieldRef": object{"fieldPath": "status.podIP"}}},
			{"name": "DATABASE", "value": "postgres://db.example.com:5432/web"},
			{"name": "PASSWORD", "valueFrom": object{"secretKeyRef": object{"name": "web", "key": "password"}}},
		},
		"resources":      object{"requests": object{"cpu": "100m", "memory": "128Mi"}, "limits": object{"memory": "256Mi"}},
		"volumeMounts":   []object{{"name": "config", "mountPath": "/etc/web"}, {"name": "cache", "mountPath": "/var/cache/web"}},
		"livenessProbe":  probe,
		"readinessProbe": probe,
	}
}

// status is the patch of a pod's status that a node sends.
func status(round int) []byte {
	at := fmt.Sprintf("2026-01-01T00:%02d:%02dZ", round/60%60, round%60)
	condition := func(t, s string) object {
		return object{"type": t, "status": s, "lastTransitionTime": at, "message": fmt.Sprintf("round %d", round)}
	}
	return encode(object{"status": object{
		"phase": "Running", "hostIP": "10.1.0.7", "podIP": "10.2.0.7", "startTime": at,
		"conditions": []object{condition("Initialized", "True"), condition("Ready", "True"), condition("ContainersReady", "True"), condition("PodScheduled", "True")},
	}})
}

// annotation is a merge patch that changes one annotation.
func annotation(round int) []byte {
	return encode(object{"metadata": object{"annotations": object{"example.com/round": fmt.Sprint(round)}}})
}

func encode(o object) []byte {
	js, err := json.Marshal(o)
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	return js
}
