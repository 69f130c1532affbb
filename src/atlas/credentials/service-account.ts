/**
 * An Atlas service account: OAuth 2.0 client credentials.
 * @see RFC 6749, section 4.4; https://www.mongodb.com/docs/atlas/api/service-accounts-overview/
 */
import type { Clock } from "../../clock.ts";
import { isObject } from "../../json.ts";
import type { Mask } from "../../mask.ts";
import { beginning, failureOf, inMessage, readAnswer } from "../answer.ts";
import { AtlasFailure, isAboutAddress } from "../failure.ts";
import type { Http } from "../http.ts";
import type { Credentials } from "./credentials.ts";

interface Dependencies {
  http: Http;
  clock: Clock;
  timeoutMs: number;
  /** Told of each token before it is used, so that it can be masked. */
  onToken: (token: string) => void;
  /** Hides secrets in what the token endpoint says of a failure. */
  mask: Mask;
}

interface AccessToken {
  authorization: string;
  /** When to stop using it, in milliseconds since 1970. */
  usableUntil: number;
}

/** A token is renewed this long before it expires, or after nine tenths of its life where that is too short. */
const RENEWAL_MARGIN_MS = 60_000;
/** RFC 6749 lets a server leave `expires_in` out. */
const DEFAULT_LIFE_SECONDS = 300;

export function serviceAccount(
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  { http, clock, timeoutMs, onToken, mask }: Dependencies,
): Credentials {
  let current: AccessToken | undefined;
  let pending: Promise<AccessToken> | undefined;
  // Id and secret go into Basic as they are. RFC 6749 wants them form-encoded first, which Atlas does not decode.
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;

  async function fetchToken(): Promise<AccessToken> {
    // Many calls may be waiting for this token, so no single call's signal ends the request.
    const raw = await http.send(
      {
        method: "POST",
        path: "/api/oauth/token",
        headers: {
          authorization: basic,
          accept: "application/json",
          "content-type": "application/x-www-form-urlencoded",
        },
        body: "grant_type=client_credentials",
      },
      { signal: new AbortController().signal, timeoutMs },
    );
    const answer = readAnswer(raw, { envelope: false });
    if (answer.status !== 200) throw tokenFailure(failureOf(answer, clock.now(), mask), answer.body, mask);
    const { access_token: token, expires_in: life } = isObject(answer.body) ? answer.body : {};
    if (typeof token !== "string" || token === "")
      throw new AtlasFailure("atlas_error", "The token endpoint answered without a token", {
        status: 200,
        retryable: true,
        atTokenEndpoint: true,
      });
    onToken(token);
    const lifeMs = (typeof life === "number" && life > 0 ? life : DEFAULT_LIFE_SECONDS) * 1000;
    return {
      authorization: `Bearer ${token}`,
      usableUntil: clock.now() + Math.max(lifeMs - RENEWAL_MARGIN_MS, lifeMs * 0.9),
    };
  }

  function renew(): Promise<AccessToken> {
    pending ??= fetchToken()
      .then((token) => {
        current = token;
        return token;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  }

  return {
    async authorize(_request, signal) {
      if (current && clock.now() < current.usableUntil) return current.authorization;
      return (await unlessAborted(renew(), signal)).authorization;
    },
    learn(authorization, answer, attempt) {
      if (answer?.status !== 401) return false;
      if (current?.authorization === authorization) current = undefined;
      return attempt === 1;
    },
  };
}

function tokenFailure({ kind, facts }: AtlasFailure, body: unknown, mask: Mask): AtlasFailure {
  const { error, error_description: description } = isObject(body) ? body : {};
  const said = [error, description]
    .filter((part) => typeof part === "string")
    .map((part) => beginning(mask(part)))
    .join(": ");
  // RFC 6749, section 5.2: wrong credentials may be answered with 400 as well as with 401.
  const credentialsRefused =
    kind === "bad_request" || (kind === "forbidden" && !isAboutAddress({ ...facts, detail: said }));
  // For any other request, these kinds are about a project, a workspace or a name. Here they cannot be.
  const meaningless = kind === "not_found" || kind === "conflict";
  const ownKind = credentialsRefused ? "unauthenticated" : meaningless ? "atlas_error" : kind;
  return new AtlasFailure(ownKind, `The token endpoint answered ${facts.status}${inMessage(said)}`, {
    ...facts,
    ...(said && { detail: said }),
    atTokenEndpoint: true,
  });
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as it is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
