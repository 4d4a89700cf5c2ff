"""What a program does with the official Python client: list, watch, create, patch, replace, delete.

It uses the kubeconfig that KUBECONFIG names and ends with an error when something is not as it should be.
"""

import json
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client import ApiException

NAMESPACE = "default"


def refused(code, reason, call, *args, **kwargs):
    """The call is answered with an error of this code and reason."""
    try:
        call(*args, **kwargs)
    except ApiException as err:
        assert err.status == code, err
        assert json.loads(err.body)["reason"] == reason, err.body
    else:
        raise AssertionError(f"{call.__name__} is not refused")


def config_map(name, data=None, labels=None):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


def objects(core):
    """Objects are made, read, changed and deleted."""
    made = core.create_namespaced_config_map(NAMESPACE, config_map("page", {"color": "blue"}, {"app": "py"}))
    assert made.metadata.uid and made.metadata.creation_timestamp.tzinfo
    refused(409, "AlreadyExists", core.create_namespaced_config_map, NAMESPACE, config_map("page"))
    refused(404, "NotFound", core.read_namespaced_config_map, "missing", NAMESPACE)
    refused(422, "Invalid", core.create_namespaced_config_map, NAMESPACE, config_map("No Name"))

    # The client sends a list as JSON patch, and everything else as strategic merge patch.
    core.patch_namespaced_config_map("page", NAMESPACE, {"data": {"color": "red"}})
    core.patch_namespaced_config_map("page", NAMESPACE, [{"op": "add", "path": "/data/size", "value": "large"}])
    page = core.read_namespaced_config_map("page", NAMESPACE)
    assert page.data == {"color": "red", "size": "large"}, page.data

    page.data["color"] = "green"
    assert core.replace_namespaced_config_map("page", NAMESPACE, page).data["color"] == "green"
    refused(409, "Conflict", core.replace_namespaced_config_map, "page", NAMESPACE, page)

    dry = core.create_namespaced_config_map(NAMESPACE, config_map("dry"), dry_run="All")
    assert dry.metadata.name == "dry"
    refused(404, "NotFound", core.read_namespaced_config_map, "dry", NAMESPACE)

    listed = core.list_namespaced_config_map(NAMESPACE, label_selector="app=py", limit=1)
    assert [c.metadata.name for c in listed.items] == ["page"]
    assert core.delete_namespaced_config_map("page", NAMESPACE).status == "Success"
    refused(404, "NotFound", core.read_namespaced_config_map, "page", NAMESPACE)


def watches(core):
    """A watch tells of each change, and ends when it was told to."""
    labels = {"app": "watched"}

    def change():
        core.create_namespaced_config_map(NAMESPACE, config_map("watched", {"color": "blue"}, labels))
        core.patch_namespaced_config_map("watched", NAMESPACE, {"data": {"color": "red"}})
        core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="app=watched")

    since = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    changes = threading.Timer(0.2, change)
    changes.start()
    events = []
    w = watch.Watch()
    for event in w.stream(core.list_namespaced_config_map, NAMESPACE, label_selector="app=watched",
                          resource_version=since, timeout_seconds=20):
        events.append((event["type"], event["object"].metadata.name, event["object"].data["color"]))
        if event["type"] == "DELETED":
            w.stop()
    changes.join()
    assert events == [("ADDED", "watched", "blue"), ("MODIFIED", "watched", "red"), ("DELETED", "watched", "red")], events

    # Without a resource version it begins with what there is.
    names = {event["object"].metadata.name
             for event in watch.Watch().stream(core.list_namespace, timeout_seconds=1)}
    assert {"default", "kube-system"} <= names, names


def deployments():
    """Deployments are made from models and scaled through their subresource."""
    apps = client.AppsV1Api()
    labels = {"app": "web"}
    spec = client.V1DeploymentSpec(
        selector=client.V1LabelSelector(match_labels=labels),
        template=client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels=labels),
            spec=client.V1PodSpec(containers=[client.V1Container(name="web", image="nginx")])))
    apps.create_namespaced_deployment(NAMESPACE, client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec))
    apps.patch_namespaced_deployment_scale("web", NAMESPACE, {"spec": {"replicas": 3}})
    web = apps.read_namespaced_deployment("web", NAMESPACE)
    assert web.spec.replicas == 3 and web.spec.strategy.rolling_update.max_surge == "25%", web.spec
    apps.delete_namespaced_deployment("web", NAMESPACE, propagation_policy="Background")


def any_kind():
    """The dynamic client finds by discovery what it knows only the names of."""
    leases = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="coordination.k8s.io/v1", kind="Lease")
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "lease"},
             "spec": {"holderIdentity": "py"}}
    leases.create(body=lease, namespace=NAMESPACE)
    leases.patch(body={"spec": {"holderIdentity": "other"}}, name="lease", namespace=NAMESPACE,
                 content_type="application/merge-patch+json")
    assert [x.spec.holderIdentity for x in leases.get(namespace=NAMESPACE).items] == ["other"]
    # This release of the client sends only text as an apply.
    applied = json.dumps({**lease, "spec": {"leaseDurationSeconds": 15}})
    leases.server_side_apply(body=applied, name="lease", namespace=NAMESPACE, field_manager="py")
    assert leases.get(name="lease", namespace=NAMESPACE).spec.leaseDurationSeconds == 15
    leases.delete(name="lease", namespace=NAMESPACE)


def main():
    config.load_kube_config()
    assert client.VersionApi().get_code().git_version.startswith("v1.37.")
    core = client.CoreV1Api()
    names = [n.metadata.name for n in core.list_namespace().items]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"], names
    objects(core)
    watches(core)
    deployments()
    any_kind()
    print("done")


main()
