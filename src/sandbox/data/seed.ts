/** The data that a sandbox starts with: a shop with an order stream, and a small project beside it. */
import type { Connection } from "../../connections/union.ts";
import { addConnection } from "./connection-lifecycle.ts";
import { labContents, shopContents } from "./seed-project.ts";
import type { Project, StoredProcessor, StoredWorkspace } from "./state.ts";
import { addWorkspace } from "./workspace-lifecycle.ts";

/** The organization of both projects. */
export const sandboxOrganization = { orgId: "65f1bfd20a1b2c3d4e5f6001" } as const;

/** The project in which nearly everything is. */
export const sandboxProject = { groupId: "65f1c0de0a1b2c3d4e5f6071", name: "Shop" } as const;

/** A project with one empty workspace. */
export const sandboxOtherProject = { groupId: "65f1c0de0a1b2c3d4e5f6072", name: "Lab" } as const;

/** The workspace of `sandboxProject` that has connections and a processor. */
export const sandboxTenant = "orders";

/** The empty workspace of `sandboxProject`. */
export const sandboxEmptyTenant = "clickstream";

/** The empty workspace of `sandboxOtherProject`. */
export const sandboxOtherTenant = "experiments";

/** The connections of `sandboxTenant`, as they were sent. */
export const sandboxConnections = [
  {
    name: "shop-kafka",
    type: "Kafka",
    bootstrapServers: "broker-1.shop.example.com:9092,broker-2.shop.example.com:9092",
    authentication: { mechanism: "SCRAM-512", username: "atlas", password: "seeded-kafka-password" },
    security: { protocol: "SASL_SSL" },
    config: { "auto.offset.reset": "earliest" },
  },
  {
    name: "shop-cluster",
    type: "Cluster",
    clusterName: "Cluster0",
    dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" },
  },
  {
    name: "fraud-check",
    type: "Https",
    url: "https://fraud.shop.example.com/score",
    headers: { Authorization: "Bearer seeded-header-secret" },
  },
] as const satisfies readonly Connection[];

/** The processor of `sandboxTenant` as it is shown: it reads from shop-kafka, where nothing comes any more. */
export const sandboxProcessor = {
  _id: "65f1c3100a1b2c3d4e5f6101",
  name: "paidOrders",
  state: "STARTED",
  tier: "SP10",
  pipeline: [
    { $source: { connectionName: "shop-kafka", topic: "orders" } },
    { $match: { status: "paid" } },
    { $merge: { into: { connectionName: "shop-cluster", db: "shop", coll: "paidOrders" } } },
  ],
  options: { dlq: { connectionName: "shop-cluster", db: "shop", coll: "rejectedOrders" } },
  stats: { inputMessageCount: 48213, outputMessageCount: 39120, dlqMessageCount: 3 },
} as const;

/** Fresh copies of the seeded projects. */
export function seededProjects(): Project[] {
  const shop = project(sandboxProject, shopContents(sandboxProject.groupId));
  const orders = seedWorkspace(shop, sandboxTenant, "VIRGINIA_USA", "SP10");
  for (const connection of sandboxConnections) addConnection(orders, structuredClone(connection), 0);
  orders.processors.set(sandboxProcessor.name, storedProcessor());
  seedWorkspace(shop, sandboxEmptyTenant, "FRANKFURT_DEU", "SP30");

  const lab = project(sandboxOtherProject, labContents(sandboxOtherProject.groupId));
  seedWorkspace(lab, sandboxOtherTenant, "DUBLIN_IRL", "SP2");
  return [shop, lab];
}

function project(named: { groupId: string; name: string }, resources: ReturnType<typeof shopContents>): Project {
  return { ...named, ...sandboxOrganization, created: "2024-03-13T15:02:38Z", ...resources, workspaces: new Map() };
}

function seedWorkspace(into: Project, name: string, region: string, tier: string): StoredWorkspace {
  return addWorkspace(into, { name, cloudProvider: "AWS", region, tier, maxTier: "SP50" });
}

function storedProcessor(): StoredProcessor {
  const { _id: id, stats, options, ...shown } = structuredClone(sandboxProcessor);
  const { inputMessageCount: input, outputMessageCount: output, dlqMessageCount: dlq } = stats;
  return {
    id,
    ...shown,
    dlq: options.dlq,
    counted: { input, output, dlq },
    startedAt: Date.now(),
    taken: 0,
    work: undefined,
    changes: undefined,
  };
}
