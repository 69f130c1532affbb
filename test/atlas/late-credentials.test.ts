/** Credentials that do not come while there is time, over real HTTP and on a clock that the test moves. */
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { createAtlas, Unsent } from "../../src/atlas/atlas.ts";
import { listWorkspaces } from "../../src/atlas/endpoints.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { listen } from "../support/listen.ts";

test("a call waits for a token only as long as it has time itself", async () => {
  const clock = fakeClock();
  const paths: (string | undefined)[] = [];
  const server = await listen(
    createServer(({ url }) => {
      paths.push(url);
      clock.advance(300_000);
    }),
  );
  const atlas = createAtlas({
    settings: {
      credentials: { kind: "service-account", clientId: "id", clientSecret: "secret" },
      baseUrl: `http://127.0.0.1:${server.port}`,
      timeoutMs: 600_000,
      proxies: [],
    },
    clock,
    onToken: () => {},
    mask: (text) => text,
  });
  const { signal } = new AbortController();
  const failure = await atlas
    .attempt(listWorkspaces("32b6e34b3d91647abb20e7b8")(1), { signal, timeoutMs: 300_000 })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(failure).toBeInstanceOf(Unsent);
  expect(failure).toMatchObject({
    failure: {
      kind: "timeout",
      message: "No credentials could be obtained within 300000 ms",
      facts: { retryable: true },
    },
  });
  expect(paths).toEqual(["/api/oauth/token"]);
  await atlas.close();
  await server.close();
});
