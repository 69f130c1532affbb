/** A dry run: the request as it would be sent, without its secrets and without being sent. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { creates, freshName, place, type ServerOnSandbox, startOnSandbox } from "../support/against-sandbox.ts";

const name = freshName();
const args = {
  ...place,
  dryRun: true,
  connection: {
    name,
    type: "Kafka",
    bootstrapServers: "b1.example.com:9092",
    authentication: {
      mechanism: "PLAIN",
      username: "${env:ATLAS_STREAMS_SECRET_USER}",
      password: "${env:ATLAS_STREAMS_SECRET_PASSWORD}",
      sslKey: "inline-ssl-key",
    },
  },
};

let on: ServerOnSandbox;
beforeAll(async () => {
  on = await startOnSandbox({
    env: { ATLAS_STREAMS_SECRET_USER: "referenced-user", ATLAS_STREAMS_SECRET_PASSWORD: "referenced-password" },
  });
});
afterEach(() => {
  on.sandbox.requests.length = 0;
});
afterAll(() => on.close());

describe("a dry run", () => {
  it("shows the request that would be sent, every secret and every reference masked", async () => {
    const result = await on.server.create(args);
    expect(result).toMatchObject({
      isError: false,
      outcome: "planned",
      project: place,
      request: {
        method: "POST",
        url: `${on.sandbox.url}/api/atlas/v2/groups/${place.groupId}/streams/${place.tenantName}/connections`,
        headers: {
          accept: "application/vnd.atlas.2023-02-01+json",
          "content-type": "application/json",
          "user-agent": expect.stringContaining("atlas-streams-mcp/"),
          authorization: "***",
        },
        body: {
          name,
          type: "Kafka",
          bootstrapServers: "b1.example.com:9092",
          authentication: { mechanism: "PLAIN", username: "***", password: "***", sslKey: "***" },
        },
      },
    });
    expect(result.summary).toMatch(/^Would create the Kafka connection/);
    expect(JSON.stringify(result)).not.toMatch(/referenced-|inline-ssl-key/);
  });

  it("shows the same request that is sent when it is no dry run any more", async () => {
    const open = { ...place, connection: { name: freshName(), type: "Https", url: "https://a.example.com" } };
    const { request } = await on.server.create({ ...open, dryRun: true, envelope: true });
    await on.server.create({ ...open, envelope: true });
    const [sent] = creates(on.sandbox);
    expect(request).toMatchObject({ method: sent?.method, url: on.sandbox.url + sent?.target, body: sent?.body });
  });

  it("sends nothing but reads and creates nothing", async () => {
    await on.server.create(args);
    expect(on.sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
    expect(on.sandbox.state.connection(place.groupId, place.tenantName, name)).toBeUndefined();
  });

  it("refuses what a create would refuse", async () => {
    const unset = { ...args.connection, region: "${env:ATLAS_STREAMS_SECRET_UNSET}" };
    const { error } = await on.server.create({ ...args, connection: unset });
    expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: "connection.region" }] });
  });
});
