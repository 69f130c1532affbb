/** A ready bearer token: used as it is, renewed by nobody. */
import { expect, it } from "vitest";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { creates, simple, startOnSandbox } from "../support/against-sandbox.ts";

it("sends a ready access token with every request and asks for no other", async () => {
  const on = await startOnSandbox({ credentials: "access token" });
  expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
  expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
  expect(on.sandbox.requests).toHaveLength(2);
  for (const { headers } of creates(on.sandbox))
    expect(headers["authorization"]).toBe(`Bearer ${sandboxCredentials.accessToken}`);
  await on.close();
});

it("takes the first 401 to an access token as final", async () => {
  const on = await startOnSandbox({ env: { MONGODB_ATLAS_ACCESS_TOKEN: "an-access-token-that-expired" } });
  const result = await on.server.create(simple());
  expect(result).toMatchObject({
    isError: true,
    error: { kind: "unauthenticated", status: 401, errorCode: "UNAUTHORIZED", retryable: false },
  });
  expect(on.sandbox.requests).toHaveLength(1);
  expect(JSON.stringify(result) + on.server.stderr()).not.toContain("an-access-token-that-expired");
  await on.close();
});
