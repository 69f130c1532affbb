/** An archive from Atlas, over real HTTP. */
import { createServer, type ServerResponse } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Atlas, createAtlas } from "../../src/atlas/atlas.ts";
import { downloadOperationalLogs } from "../../src/atlas/endpoints.ts";
import { MAX_ANSWER_BYTES } from "../../src/atlas/exchange-failure.ts";
import { systemClock } from "../../src/clock.ts";
import { listen } from "../support/listen.ts";

const logs = downloadOperationalLogs(
  { groupId: "32b6e34b3d91647abb20e7b8", tenantName: "orders" },
  { spName: "copy", startDate: 1_700_000_000 },
);
const { signal } = new AbortController();

let server: Awaited<ReturnType<typeof listen>>;
let atlas: Atlas;
let answer: (response: ServerResponse) => void;
let accepted: (string | undefined)[];

beforeEach(async () => {
  accepted = [];
  server = await listen(
    createServer(({ headers }, response) => {
      accepted.push(headers.accept);
      answer(response);
    }),
  );
  atlas = createAtlas({
    settings: {
      credentials: { kind: "access-token", token: "token-1" },
      baseUrl: `http://127.0.0.1:${server.port}`,
      timeoutMs: 30_000,
      proxies: [],
    },
    clock: systemClock,
    onToken: () => {},
    mask: (text) => text,
  });
});

afterEach(async () => {
  await atlas.close();
  await server.close();
});

test("is asked for as gzip, and comes byte for byte", async () => {
  const archive = gzipSync("grüße 😀\n".repeat(50_000), { level: 0 });
  answer = (response) =>
    response.writeHead(200, { "content-type": "application/vnd.atlas.2025-03-12+gzip" }).end(archive);
  const { bytes } = await atlas.read(logs, signal);
  expect(bytes.equals(archive)).toBe(true);
  expect(gunzipSync(bytes).toString()).toContain("grüße 😀");
  expect(accepted).toEqual(["application/vnd.atlas.2025-03-12+gzip"]);
});

test("is refused in JSON, which is told", async () => {
  const refusal = { error: 404, errorCode: "STREAM_PROCESSOR_NOT_FOUND", detail: "No such processor" };
  answer = (response) => response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify(refusal));
  await expect(atlas.read(logs, signal)).rejects.toMatchObject({
    kind: "not_found",
    facts: { errorCode: refusal.errorCode, detail: refusal.detail },
  });
});

test("is downloaded up to a limit, and not again where it is larger", async () => {
  answer = (response) => response.end(Buffer.alloc(MAX_ANSWER_BYTES + 1));
  await expect(atlas.read(logs, signal)).rejects.toMatchObject({
    kind: "atlas_error",
    message: `The answer is larger than ${MAX_ANSWER_BYTES} bytes`,
  });
  expect(accepted).toHaveLength(1);
});
