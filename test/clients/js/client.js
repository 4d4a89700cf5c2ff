// What a program does with the official JavaScript client: list, watch, create, patch, replace, delete, and an
// informer. It uses the kubeconfig that KUBECONFIG names and ends with an error when something is not as it
// should be.
import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import {
  AppsV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, PatchStrategy, VersionApi, Watch, makeInformer, setHeaderOptions,
} from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);
const namespace = 'default';
const path = `/api/v1/namespaces/${namespace}/configmaps`;

async function main() {
  const version = await config.makeApiClient(VersionApi).getCode();
  assert.match(version.gitVersion, /^v1\.37\./);
  const namespaces = await core.listNamespace();
  assert.deepEqual(namespaces.items.map((n) => n.metadata.name),
    ['default', 'kube-node-lease', 'kube-public', 'kube-system']);

  await objects();
  await watches();
  await informs();
  await deployments();
  await anyKind();
}

// objects are made, read, changed in every way, and deleted.
async function objects() {
  const made = await core.createNamespacedConfigMap({
    namespace, body: { metadata: { name: 'page', labels: { app: 'js' } }, data: { color: 'blue' } },
  });
  assert.ok(made.metadata.uid);
  assert.ok(made.metadata.creationTimestamp instanceof Date);
  await refused(409, 'AlreadyExists', core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'page' } } }));
  await refused(404, 'NotFound', core.readNamespacedConfigMap({ namespace, name: 'missing' }));
  await refused(422, 'Invalid', core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'No Name' } } }));

  const patches = [
    [PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/size', value: 'large' }]],
    [PatchStrategy.MergePatch, { data: { color: 'red' } }],
    [PatchStrategy.StrategicMergePatch, { metadata: { labels: { tier: 'front' } } }],
    [PatchStrategy.ServerSideApply, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'page' }, data: { shape: 'round' } }],
  ];
  for (const [type, body] of patches) {
    await core.patchNamespacedConfigMap(
      { namespace, name: 'page', body, fieldManager: 'js' }, setHeaderOptions('Content-Type', type));
  }
  const page = await core.readNamespacedConfigMap({ namespace, name: 'page' });
  assert.deepEqual(page.data, { color: 'red', size: 'large', shape: 'round' });
  assert.deepEqual(page.metadata.labels, { app: 'js', tier: 'front' });

  page.data.color = 'green';
  const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'page', body: page });
  assert.equal(replaced.data.color, 'green');
  await refused(409, 'Conflict', core.replaceNamespacedConfigMap({ namespace, name: 'page', body: page }));

  const listed = await core.listNamespacedConfigMap({ namespace, labelSelector: 'app=js', limit: 1 });
  assert.deepEqual(listed.items.map((c) => c.metadata.name), ['page']);
  const deleted = await core.deleteNamespacedConfigMap({ namespace, name: 'page' });
  assert.equal(deleted.status, 'Success');
  await refused(404, 'NotFound', core.readNamespacedConfigMap({ namespace, name: 'page' }));
}

// watches tell of each change, until they are aborted.
async function watches() {
  const events = [];
  const told = new EventEmitter();
  let ended;
  const end = new Promise((resolve) => { ended = resolve; });
  const list = await core.listNamespacedConfigMap({ namespace });
  const request = await new Watch(config).watch(path,
    { labelSelector: 'app=watched', resourceVersion: list.metadata.resourceVersion, allowWatchBookmarks: true },
    (phase, object) => {
      if (phase !== 'BOOKMARK') {
        events.push(`${phase} ${object.metadata.name} ${object.data?.color}`);
        told.emit('event');
      }
    }, ended);
  const labels = { app: 'watched' };
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'watched', labels }, data: { color: 'blue' } } });
  await core.patchNamespacedConfigMap({ namespace, name: 'watched', body: { data: { color: 'red' } } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch));
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'app=watched' });
  await until(told, 'event', () => events.length >= 3);
  assert.deepEqual(events, ['ADDED watched blue', 'MODIFIED watched red', 'DELETED watched red']);
  request.abort();
  await end;
}

// informs keeps a copy of what there is.
async function informs() {
  const labels = { app: 'informed' };
  const labelSelector = 'app=informed';
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'first', labels }, data: { color: 'blue' } } });
  const informer = makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace, labelSelector }), labelSelector);
  const told = new EventEmitter();
  const events = [];
  for (const verb of ['add', 'update', 'delete']) {
    informer.on(verb, (object) => {
      events.push(`${verb} ${object.metadata.name}`);
      told.emit('event');
    });
  }
  informer.on('error', (err) => {
    if (err?.type !== 'aborted') { // which stop makes it say
      told.emit('error', err);
    }
  });
  await informer.start();
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'second', labels } } });
  await core.patchNamespacedConfigMap({ namespace, name: 'first', body: { data: { color: 'red' } } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch));
  await core.deleteNamespacedConfigMap({ namespace, name: 'second' });
  await until(told, 'event', () => events.includes('delete second'));
  assert.deepEqual(events, ['add first', 'add second', 'update first', 'delete second']);
  assert.equal(informer.get('first', namespace).data.color, 'red');
  assert.equal(informer.list(namespace).length, 1);
  await informer.stop();
}

// deployments are scaled through their subresource.
async function deployments() {
  const labels = { app: 'web' };
  await apps.createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name: 'web' },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } } },
    },
  });
  await untilNoConflict(async () => { // the deployment's controller writes, too
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
    scale.spec.replicas = 3;
    await apps.replaceNamespacedDeploymentScale({ namespace, name: 'web', body: scale });
  });
  const web = await apps.readNamespacedDeployment({ namespace, name: 'web' });
  assert.equal(web.spec.replicas, 3);
  assert.equal(web.spec.strategy.rollingUpdate.maxSurge, '25%');
  await apps.deleteNamespacedDeployment({ namespace, name: 'web' });
}

// anyKind finds by discovery what it knows only the names of.
async function anyKind() {
  const any = KubernetesObjectApi.makeApiClient(config);
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'lease', namespace }, spec: { holderIdentity: 'js' } };
  await any.create(lease);
  const read = await any.read(lease);
  assert.equal(read.spec.holderIdentity, 'js');
  await any.patch({ ...lease, spec: { holderIdentity: 'other' } }, undefined, undefined, 'js', undefined, PatchStrategy.MergePatch);
  const leases = await any.list('coordination.k8s.io/v1', 'Lease', namespace);
  assert.deepEqual(leases.items.map((l) => l.spec.holderIdentity), ['other']);
  await any.delete(lease);
}

async function until(emitter, event, done) {
  const signal = AbortSignal.timeout(20_000);
  while (!done()) {
    await once(emitter, event, { signal });
  }
}

async function untilNoConflict(change) {
  for (;;) {
    try {
      return await change();
    } catch (err) {
      if (err.code !== 409) {
        throw err;
      }
    }
  }
}

async function refused(code, reason, promise) {
  await assert.rejects(promise, (err) => {
    assert.equal(err.code, code);
    assert.equal(JSON.parse(err.body).reason, reason);
    return true;
  });
}

await main();
console.log('done');
