/**
 * The Kubernetes example as values. The schema knows the fields that the example uses, and no others, as the API of
 * Kubernetes has them. @see https://kubernetes.io/docs/reference/kubernetes-api/
 */
import { readFileSync } from "node:fs";
import { z } from "zod/v3";
import { readYaml } from "./yaml.ts";

const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const labels = z.record(z.string().regex(/^[\w.-]{1,63}$/));
const metadata = z.object({ name, labels }).strict();
const selector = z.object({ matchLabels: labels }).strict();
const count = z.number().int().min(0);
const port = z.number().int().min(1).max(65_535);
const portName = name.max(15);
const quantity = z.string().regex(/^\d+(m|Ki|Mi|Gi)?$/);
const id = z.number().int().positive();

const probe = z
  .object({
    httpGet: z.object({ path: z.string().startsWith("/"), port: portName }).strict(),
    periodSeconds: count.optional(),
    timeoutSeconds: count.optional(),
    failureThreshold: count.optional(),
  })
  .strict();

const container = z
  .object({
    name,
    image: z.string(),
    args: z.array(z.string()),
    envFrom: z.array(z.object({ configMapRef: z.object({ name }).strict() }).strict()),
    ports: z.array(z.object({ name: portName, containerPort: port }).strict()),
    startupProbe: probe,
    livenessProbe: probe,
    readinessProbe: probe,
    lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: count }).strict() }).strict() }).strict(),
    resources: z.object({ requests: z.record(quantity), limits: z.record(quantity) }).strict(),
    securityContext: z
      .object({
        allowPrivilegeEscalation: z.boolean(),
        readOnlyRootFilesystem: z.boolean(),
        capabilities: z.object({ drop: z.array(z.string()) }).strict(),
      })
      .strict(),
    volumeMounts: z.array(z.object({ name, mountPath: z.string().startsWith("/"), readOnly: z.boolean() }).strict()),
  })
  .strict();

const volume = z.union([
  z.object({ name, configMap: z.object({ name }).strict() }).strict(),
  z
    .object({ name, secret: z.object({ secretName: name, defaultMode: z.number().int().max(0o777) }).strict() })
    .strict(),
]);

const deployment = z
  .object({
    apiVersion: z.literal("apps/v1"),
    kind: z.literal("Deployment"),
    metadata,
    spec: z
      .object({
        replicas: count,
        strategy: z
          .object({
            type: z.literal("RollingUpdate"),
            rollingUpdate: z.object({ maxSurge: count, maxUnavailable: count }).strict(),
          })
          .strict(),
        selector,
        template: z
          .object({
            metadata: z.object({ labels }).strict(),
            spec: z
              .object({
                automountServiceAccountToken: z.boolean(),
                terminationGracePeriodSeconds: count,
                securityContext: z
                  .object({
                    runAsNonRoot: z.boolean(),
                    runAsUser: id,
                    runAsGroup: id,
                    fsGroup: id,
                    seccompProfile: z.object({ type: z.enum(["RuntimeDefault", "Unconfined"]) }).strict(),
                  })
                  .strict(),
                topologySpreadConstraints: z.array(
                  z
                    .object({
                      maxSkew: count,
                      topologyKey: z.string(),
                      whenUnsatisfiable: z.enum(["DoNotSchedule", "ScheduleAnyway"]),
                      labelSelector: selector,
                    })
                    .strict(),
                ),
                containers: z.tuple([container]),
                volumes: z.array(volume),
              })
              .strict(),
          })
          .strict(),
      })
      .strict(),
  })
  .strict();

const resource = z.discriminatedUnion("kind", [
  deployment,
  z
    .object({ apiVersion: z.literal("v1"), kind: z.literal("ConfigMap"), metadata, data: z.record(z.string()) })
    .strict(),
  z
    .object({
      apiVersion: z.literal("v1"),
      kind: z.literal("Secret"),
      metadata,
      type: z.literal("Opaque"),
      stringData: z.record(z.string()),
    })
    .strict(),
  z
    .object({
      apiVersion: z.literal("v1"),
      kind: z.literal("Service"),
      metadata,
      spec: z
        .object({
          selector: labels,
          ports: z.array(z.object({ name: portName, port, targetPort: portName }).strict()),
        })
        .strict(),
    })
    .strict(),
  z
    .object({
      apiVersion: z.literal("policy/v1"),
      kind: z.literal("PodDisruptionBudget"),
      metadata,
      spec: z.object({ minAvailable: count, selector }).strict(),
    })
    .strict(),
]);

type Resource = z.output<typeof resource>;
type Kind = Resource["kind"];

/** @throws where something is no YAML, or none of Kubernetes's that is known here */
export const readManifest = (text: string): Resource[] => readYaml(text).map((value) => resource.parse(value));

export const manifestText = readFileSync(new URL("../../deploy/kubernetes.yaml", import.meta.url), "utf8");
export const manifest = readManifest(manifestText);

export const ofKind = <K extends Kind>(kind: K): Extract<Resource, { kind: K }>[] =>
  manifest.filter((each): each is Extract<Resource, { kind: K }> => each.kind === kind);

/** The files that the container sees: the contents of ConfigMaps and Secrets, by path. */
export function mountedFiles(): Map<string, Record<string, string>> {
  const [pods] = ofKind("Deployment");
  const { containers, volumes } = pods?.spec.template.spec ?? { containers: [], volumes: [] };
  return new Map(
    containers.flatMap(({ volumeMounts }) =>
      volumeMounts.map(({ name: mounted, mountPath }) => {
        const found = volumes.find((each) => each.name === mounted);
        if (!found) throw new Error(`No volume is named ${mounted}`);
        const data =
          "configMap" in found
            ? ofKind("ConfigMap").find(({ metadata: { name: own } }) => own === found.configMap.name)?.data
            : ofKind("Secret").find(({ metadata: { name: own } }) => own === found.secret.secretName)?.stringData;
        if (!data) throw new Error(`Nothing is mounted as ${mounted}`);
        return [mountPath, data] as const;
      }),
    ),
  );
}

/** The variables that the container gets. */
export function containerEnv(): Record<string, string> {
  const [pods] = ofKind("Deployment");
  const refs = pods?.spec.template.spec.containers.flatMap(({ envFrom }) => envFrom) ?? [];
  return Object.assign(
    {},
    ...refs.map(({ configMapRef }) => {
      const found = ofKind("ConfigMap").find(({ metadata: { name: own } }) => own === configMapRef.name);
      if (!found) throw new Error(`No ConfigMap is named ${configMapRef.name}`);
      return found.data;
    }),
  );
}
