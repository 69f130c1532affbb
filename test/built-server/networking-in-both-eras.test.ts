/** Each tool for private links and peerings, called in either era. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import { variablesFor } from "../support/against-sandbox.ts";
import { eras } from "../support/eras.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { resultIn, startProcess } from "../support/server-process.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const { groupId } = sandboxProject;

describe.concurrent.each(eras)("in the $name era", ({ name, open, params }) => {
  it("every tool of the toolset does its work", async () => {
    const server = startProcess({ env: variablesFor(sandbox) });
    await open(server);
    const outcomes: [string, unknown][] = [];
    const call = async (tool: string, args: JsonObject) => {
      const result = resultIn(await server.ask("tools/call", params({ name: tool, arguments: { groupId, ...args } })));
      outcomes.push([tool, result["outcome"]]);
      return result;
    };

    const [peering] = [...sandbox.state.projects.values()].flatMap(({ vpcPeerings }) => vpcPeerings);
    const request = { ...peering, _id: `request-${name}`, localStatus: "NONE", cloudStatus: "pending-acceptance" };
    sandbox.state.projects.get(groupId)?.vpcPeerings.push(request);
    const { _id: id, requesterAccountId, requesterVpcId } = { requesterAccountId: "", requesterVpcId: "", ...request };
    const { privateLink } = await call("create_private_link", {
      privateLink: {
        provider: "AWS",
        vendor: "CONFLUENT",
        region: "us-east-1",
        serviceEndpointId: `com.amazonaws.vpce.us-east-1.vpce-svc-${name}`,
      },
      waitUntilReady: true,
    });
    const { connectionId } = Object(privateLink);
    await call("update_private_link", { connectionId, dnsDomain: "abc.us-east-1.aws.confluent.cloud" });
    const shown = await call("get_stream_networking", { requesterAccountId });
    expect(shown["privateLinks"]).toContainEqual(expect.objectContaining({ connectionId, state: "DONE" }));
    expect(shown["vpcPeerings"]).toContainEqual(expect.objectContaining({ id, localStatus: "NONE" }));
    await call("delete_private_link", { connectionId, confirm: connectionId });
    await call("answer_vpc_peering", { id, answer: "accept", requesterAccountId, requesterVpcId });
    await call("delete_vpc_peering", { id, confirm: id });
    expect(outcomes).toEqual([
      ["create_private_link", "created"],
      ["update_private_link", "updated"],
      ["get_stream_networking", "ok"],
      ["delete_private_link", "deleted"],
      ["answer_vpc_peering", "accepted"],
      ["delete_vpc_peering", "deleted"],
    ]);
    server.child.stdin.end();
    await server.ended;
  }, 60_000);
});
