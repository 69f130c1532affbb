/**
 * Every operation of the API on streams is reached by a tool of the built server. One that is added to the description and
 * that no tool reaches fails here.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import { openapi } from "../support/shared-atlas.ts";
import { operationOf, streamOperations, undescribed } from "./described-requests.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({
    env: { ATLAS_STREAMS_MCP_READY_MS: "3000" },
    sandbox: { readyAfterMs: 40, oddities: { hiddenMs: 0 } },
  });
}, 60_000);
afterAll(() => session.close());

const { groupId } = sandboxProject;
const place = { groupId, tenantName: "whole" };
const withoutDomain = "65f1c2500a1b2c3d4e5f60b2";
const peerings = {
  active: "65f1c2900a1b2c3d4e5f60c1",
  pending: "65f1c2900a1b2c3d4e5f60c2",
  none: "65f1c2900a1b2c3d4e5f60cf",
};
const requester = { requesterAccountId: "123456789012", requesterVpcId: "vpc-0f1e2d3c4b5a69781" };
const pipeline = [{ $source: { connectionName: "bus", topic: "t" } }, { $emit: { connectionName: "__testLog" } }];
const bus = { name: "bus", type: "Kafka", bootstrapServers: "b1.example.com:9092" };
const inDublin = { ...bus, region: "DUBLIN_IRL" };

/** Calls in the order in which one needs what the other made. */
const calls: readonly (readonly [tool: string, args: JsonObject])[] = [
  ["list_stream_workspaces", { groupId }],
  ["create_stream_workspace", { ...place, cloudProvider: "AWS", region: "us-east-1" }],
  [
    "create_stream_workspace",
    { groupId, tenantName: "solar", cloudProvider: "AWS", region: "us-east-1", sampleConnection: true },
  ],
  ["update_stream_workspace", { ...place, failoverRegions: [{ region: "DUBLIN_IRL" }] }],
  ["create_stream_connection", { ...place, connection: bus, waitUntilReady: true }],
  ["list_stream_connections", place],
  [
    "update_stream_connection",
    { ...place, connectionName: "bus", connection: { bootstrapServers: "b2.example.com:9092" } },
  ],
  ["create_stream_connection", { ...place, failoverOf: "bus", connection: inDublin, waitUntilReady: true }],
  ["get_stream_connection", { ...place, connectionName: "bus" }],
  [
    "update_stream_connection",
    { ...place, failoverOf: "bus", connectionName: "bus", connection: { bootstrapServers: "b3.example.com:9092" } },
  ],
  ["delete_stream_connection", { ...place, failoverOf: "bus", connectionName: "bus", confirm: "bus" }],
  ["create_stream_processor", { ...place, processorName: "copy", pipeline }],
  ["list_stream_processors", place],
  ["get_stream_processor", { ...place, processorName: "copy" }],
  ["update_stream_processor", { ...place, processorName: "copy", tier: "SP5" }],
  ["start_stream_processor", { ...place, processorName: "copy" }],
  ["stop_stream_processor", { ...place, processorName: "copy" }],
  ["start_stream_processor", { ...place, processorName: "copy", resumeFromCheckpoint: false }],
  ["read_stream_logs", place],
  ["read_stream_logs", { ...place, log: "audit" }],
  ["stop_stream_processor", { ...place, processorName: "copy" }],
  ["delete_stream_processor", { ...place, processorName: "copy", confirm: "copy" }],
  ["delete_stream_connection", { ...place, connectionName: "bus", confirm: "bus" }],
  ["delete_stream_workspace", { ...place, confirm: place.tenantName }],
  ["get_stream_networking", { groupId, cloudProvider: "AWS", region: "us-east-1", requesterAccountId: "123456789012" }],
  [
    "create_private_link",
    { groupId, privateLink: { provider: "AWS", vendor: "KINESIS", region: "us-east-1" }, waitUntilReady: true },
  ],
  ["update_private_link", { groupId, connectionId: withoutDomain, dnsDomain: "other.us-east-1.aws.confluent.cloud" }],
  ["delete_private_link", { groupId, connectionId: withoutDomain, confirm: withoutDomain }],
  // There is only one that can be answered: Atlas refuses this, which it was asked.
  ["answer_vpc_peering", { groupId, id: peerings.none, answer: "reject", ...requester }],
  ["answer_vpc_peering", { groupId, id: peerings.pending, answer: "accept", ...requester }],
  ["delete_vpc_peering", { groupId, id: peerings.active, confirm: peerings.active }],
];

describe.skipIf(!openapi)("the operations of the API on streams", () => {
  it("are all reached, each as it is described", async () => {
    for (const [tool, args] of calls) {
      const { outcome, summary } = await session.call(tool, args);
      if (args["id"] !== peerings.none) expect([tool, outcome, summary]).not.toContain("failed");
    }
    const reached = new Set(session.sandbox.requests.map(operationOf));
    expect(streamOperations.filter((id) => !reached.has(id))).toEqual([]);
    expect(undescribed(session.sandbox.requests)).toEqual([]);
  });

  it("that a description adds would be missed", () => {
    expect(streamOperations).toHaveLength(37);
    expect(operationOf({ method: "POST", path: `/api/atlas/v2/groups/${groupId}/streams/whole/connections` })).toBe(
      "createGroupStreamConnection",
    );
    expect(operationOf({ method: "PUT", path: `/api/atlas/v2/groups/${groupId}/streams/whole` })).toBeUndefined();
  });
});
