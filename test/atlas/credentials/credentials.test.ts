import { expect, test } from "vitest";
import { accessToken, missingCredentials } from "../../../src/atlas/credentials/credentials.ts";

const request = { method: "GET", path: "/" } as const;
const { signal } = new AbortController();
const refused = { status: 401, headers: {}, bytes: Buffer.alloc(0) };

test("an access token is sent as it is, and a 401 is final: nobody here can renew it", async () => {
  const credentials = accessToken("token-1");
  expect(await credentials.authorize(request, signal)).toBe("Bearer token-1");
  expect(credentials.learn("Bearer token-1", refused, 1)).toBe(false);
  expect(await credentials.authorize(request, signal)).toBe("Bearer token-1");
});

test("missing credentials are a matter of configuration, told by the call that needs them", async () => {
  await expect(missingCredentials("Set this").authorize(request, signal)).rejects.toMatchObject({
    kind: "configuration",
    message: "Set this",
  });
});
