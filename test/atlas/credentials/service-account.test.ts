import { describe, expect, test } from "vitest";
import type { RawAnswer } from "../../../src/atlas/answer.ts";
import { serviceAccount } from "../../../src/atlas/credentials/service-account.ts";
import { ExchangeFailure } from "../../../src/atlas/exchange-failure.ts";
import { AtlasFailure } from "../../../src/atlas/failure.ts";
import type { HttpRequest } from "../../../src/atlas/http.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const account = { clientId: "mdb_sa_id_0123", clientSecret: "mdb_sa_sk_:ü%+/" };
const request = { method: "GET", path: "/api/atlas/v2/groups" } as const;

const json = (status: number, body: unknown): RawAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  bytes: Buffer.from(JSON.stringify(body)),
});
const token = (access_token: unknown, expires_in?: unknown) =>
  json(200, { access_token, expires_in, token_type: "Bearer" });

/** Credentials of a token endpoint that gives these answers in turn, or token-1, token-2, … for an hour each. */
function start(...answers: (RawAnswer | Error)[]) {
  const clock = fakeClock();
  const requests: HttpRequest[] = [];
  const known: string[] = [];
  const credentials = serviceAccount(account, {
    clock,
    timeoutMs: 1_000,
    onToken: (given) => known.push(given),
    mask: (text) => text,
    http: {
      async send(sent) {
        requests.push(sent);
        const answer = answers[requests.length - 1] ?? token(`token-${requests.length}`, 3600);
        if (answer instanceof Error) throw answer;
        return answer;
      },
      close: () => Promise.resolve(),
    },
  });
  const authorize = (signal = new AbortController().signal) => credentials.authorize(request, signal);
  return { credentials, authorize, clock, requests, known };
}

describe("a token", () => {
  test("is asked for with id and secret as they are", async () => {
    const { authorize, requests } = start();
    expect(await authorize()).toBe("Bearer token-1");
    expect(requests).toEqual([
      {
        method: "POST",
        path: "/api/oauth/token",
        headers: {
          authorization: `Basic ${Buffer.from("mdb_sa_id_0123:mdb_sa_sk_:ü%+/").toString("base64")}`,
          accept: "application/json",
          "content-type": "application/x-www-form-urlencoded",
        },
        body: "grant_type=client_credentials",
      },
    ]);
  });

  test("is told of before it is used, so that it can be masked", async () => {
    const { authorize, known } = start();
    await authorize();
    expect(known).toEqual(["token-1"]);
  });

  test("is asked for once, however many calls wait for it", async () => {
    const { authorize, requests } = start();
    expect(await Promise.all(Array.from({ length: 20 }, () => authorize()))).toEqual(Array(20).fill("Bearer token-1"));
    expect(requests).toHaveLength(1);
  });

  test.each([
    [3600, 3_539_000, 3_541_000],
    [60, 53_000, 55_000],
    [undefined, 269_000, 271_000],
    ["3600", 269_000, 271_000],
    [-1, 269_000, 271_000],
  ])("that lives %j seconds is kept until shortly before its end", async (life, keptMs, renewedMs) => {
    const { authorize, clock } = start(token("token-1", life));
    await authorize();
    clock.advance(keptMs);
    expect(await authorize()).toBe("Bearer token-1");
    clock.advance(renewedMs - keptMs);
    expect(await authorize()).toBe("Bearer token-2");
  });

  test("that Atlas refuses is renewed, and the request sent again, once", async () => {
    const { authorize, credentials } = start();
    const first = await authorize();
    expect(credentials.learn(first, json(401, {}), 1)).toBe(true);
    const second = await authorize();
    expect(second).toBe("Bearer token-2");
    expect(credentials.learn(second, json(401, {}), 2)).toBe(false);
    expect(await authorize()).toBe("Bearer token-3");
  });

  test("that another call has renewed already is not thrown away", async () => {
    const { authorize, credentials } = start();
    const first = await authorize();
    credentials.learn(first, json(401, {}), 1);
    const second = await authorize();
    expect(credentials.learn(first, json(401, {}), 1)).toBe(true);
    expect(await authorize()).toBe(second);
  });

  test.each([200, 403, 404, 500])("stays in use after a %i", async (status) => {
    const { authorize, credentials, requests } = start();
    const first = await authorize();
    expect(credentials.learn(first, json(status, {}), 1)).toBe(false);
    expect(credentials.learn(first, undefined, 1)).toBe(false);
    expect(await authorize()).toBe(first);
    expect(requests).toHaveLength(1);
  });
});

describe("a call that is cancelled", () => {
  test("stops waiting for the token, which others still get", async () => {
    const { authorize, requests } = start();
    const controller = new AbortController();
    const reason = new AtlasFailure("cancelled", "The call was cancelled");
    const cancelled = authorize(controller.signal);
    const other = authorize();
    controller.abort(reason);
    await expect(cancelled).rejects.toBe(reason);
    expect(await other).toBe("Bearer token-1");
    expect(requests).toHaveLength(1);
  });

  test("before it began gets no token", async () => {
    const reason = new AtlasFailure("cancelled", "The call was cancelled");
    await expect(start().authorize(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe("a token endpoint that gives none", () => {
  test.each([
    [400, "unauthenticated"],
    [401, "unauthenticated"],
    [403, "unauthenticated"],
    [404, "atlas_error"],
    [409, "atlas_error"],
    [429, "rate_limited"],
    [500, "atlas_error"],
  ])("with %i ends in %s", async (status, kind) => {
    await expect(start(json(status, {})).authorize()).rejects.toMatchObject({
      kind,
      message: `The token endpoint answered ${status}`,
      facts: { status, atTokenEndpoint: true },
    });
  });

  test.each([
    { errorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST", detail: "No" },
    { error: "access_denied", error_description: "IP address 192.0.2.7 is not allowed to access this resource." },
  ])("with 403 for the address of this server ends in forbidden: %j", async (body) => {
    await expect(start(json(403, body)).authorize()).rejects.toMatchObject({
      kind: "forbidden",
      facts: { status: 403, atTokenEndpoint: true },
    });
  });

  test("is quoted", async () => {
    const refusal = json(401, { error: "invalid_client", error_description: "Unknown client" });
    await expect(start(refusal).authorize()).rejects.toMatchObject({
      message: "The token endpoint answered 401: invalid_client: Unknown client",
      facts: { detail: "invalid_client: Unknown client" },
    });
  });

  test.each([
    token(undefined),
    token(""),
    token(7),
    json(200, []),
    { status: 200, headers: {}, bytes: Buffer.from("<html>") },
  ])("but answers 200 is an error of Atlas that may pass", async (answer) => {
    await expect(start(answer).authorize()).rejects.toMatchObject({
      kind: "atlas_error",
      facts: { retryable: true },
    });
  });

  test("is asked again by the next call", async () => {
    const { authorize } = start(new ExchangeFailure("network", "The connection was reset", true));
    await expect(authorize()).rejects.toMatchObject({ kind: "network" });
    expect(await authorize()).toBe("Bearer token-2");
  });
});
