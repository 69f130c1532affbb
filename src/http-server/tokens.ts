/**
 * Who calls, by the bearer token of a request: a JWT of the issuer that was made for this server.
 * @see RFC 6750; RFC 9068; https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
import { errors, type JWTPayload, type JWTVerifyResult, jwtVerify } from "jose";
import type { Clock } from "../clock.ts";
import { isObject } from "../json.ts";
import type { Caller } from "../policy/rule.ts";
import { type IssuerKeys, NoKeys } from "./issuer-keys.ts";
import type { IssuerSettings } from "./settings.ts";

/** Signatures by key pairs alone: with a shared secret, whoever checks could also sign. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** How far clocks may be apart, in seconds. */
const LEEWAY_SECONDS = 30;

/** Whom a token speaks for, and what it was given for. */
export interface Bearer extends Caller {
  scopes: ReadonlySet<string>;
  /** When the token has expired for good, in milliseconds since 1970. */
  until: number;
}

/**
 * Whether a token was given for a scope. Entra ID is asked for `RESOURCE/name`, and writes `name` alone into the token:
 * of which resource it is, the audience says.
 */
export function isGiven(scope: string, { scopes }: Pick<Bearer, "scopes">): boolean {
  return scopes.has(scope) || (scope.includes("://") && scopes.has(scope.slice(scope.lastIndexOf("/") + 1)));
}

/** Why a token is none, for metrics. */
export type Refusal =
  | "missing"
  | "malformed"
  | "signature"
  | "key"
  | "algorithm"
  | "expired"
  | "claims"
  | "id_token"
  | "groups"
  | "no_keys";

/** A request that nobody may make. The message may be shown: it repeats nothing of the token. */
export class TokenRefused extends Error {
  override name = "TokenRefused";
  readonly status: 401 | 403 | 503;
  readonly refusal: Refusal;

  constructor(status: 401 | 403 | 503, refusal: Refusal, message: string) {
    super(message);
    this.status = status;
    this.refusal = refusal;
  }
}

/** How many tokens are known. */
const MOST_KNOWN = 1_000;

/** Checks tokens. One that was found good is known to be until it expires, or until the issuer's keys are fetched again. */
export class Tokens {
  readonly #settings: IssuerSettings;
  readonly #keys: IssuerKeys;
  readonly #clock: Clock;
  readonly #known = new Map<string, Bearer>();
  #generation = 0;

  constructor(settings: IssuerSettings, keys: IssuerKeys, clock: Clock) {
    this.#settings = settings;
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * Who is meant by the value of an `Authorization` header.
   * @throws {TokenRefused}
   */
  async bearerOf(authorization: string | undefined): Promise<Bearer> {
    this.#keys.keepFresh();
    if (this.#generation !== this.#keys.generation || !this.#keys.areThere) this.#known.clear();
    this.#generation = this.#keys.generation;
    const known = this.#known.get(authorization ?? "");
    if (known && this.#clock.now() < known.until) return known;
    const bearer = await bearerOf(authorization, this.#settings, this.#keys, this.#clock);
    if (this.#generation !== this.#keys.generation) return bearer;
    this.#known.set(authorization ?? "", bearer);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_KNOWN) break;
      this.#known.delete(oldest);
    }
    return bearer;
  }
}

async function bearerOf(
  authorization: string | undefined,
  { issuer, audiences, groupsClaim }: IssuerSettings,
  keys: IssuerKeys,
  clock: Clock,
): Promise<Bearer> {
  const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) {
    const isMissing = authorization === undefined;
    throw new TokenRefused(
      401,
      isMissing ? "missing" : "malformed",
      isMissing ? "A bearer token is needed" : "The Authorization header holds no bearer token",
    );
  }
  const { payload } = await verified(token, keys, {
    issuer,
    audience: [...audiences],
    algorithms: ALGORITHMS,
    clockTolerance: LEEWAY_SECONDS,
    requiredClaims: ["exp", "sub"],
    currentDate: new Date(clock.now()),
  });
  if (isIdToken(payload))
    throw new TokenRefused(
      401,
      "id_token",
      "This is an ID token, which tells a client who logged in; send the access token",
    );
  const { sub: subject = "" } = payload;
  const client = [payload["client_id"], payload["azp"], payload["appid"], payload["cid"]].find(
    (id) => typeof id === "string",
  );
  return {
    subject,
    groups: groupsIn(payload, groupsClaim),
    ...(client !== undefined && { client }),
    until: ((payload.exp ?? 0) + LEEWAY_SECONDS) * 1_000,
    scopes: new Set([payload["scope"], payload["scp"]].flatMap(wordsIn)),
  };
}

async function verified(
  token: string,
  keys: IssuerKeys,
  options: NonNullable<Parameters<typeof jwtVerify>[2]>,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys.find, options).catch(async (error: unknown) => {
      // A token that names no key may be of any of them.
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      for await (const key of error)
        try {
          return await jwtVerify(token, key, options);
        } catch (wrong) {
          if (!(wrong instanceof errors.JWSSignatureVerificationFailed)) throw wrong;
        }
      throw new errors.JWSSignatureVerificationFailed();
    });
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof NoKeys)
    return new TokenRefused(503, "no_keys", "Tokens cannot be checked: the issuer's keys are not known yet");
  if (!(error instanceof errors.JOSEError)) return error;
  const refused = (refusal: Refusal, message: string) => new TokenRefused(401, refusal, message);
  if (error instanceof errors.JWTExpired) return refused("expired", "The token has expired");
  if (error instanceof errors.JWTClaimValidationFailed) {
    const sentences: Readonly<Record<string, string>> = {
      iss: "The token is of another issuer",
      aud: "The token was made for another audience",
      nbf: "The token is not valid yet",
      exp: "The token has no time at which it expires",
      sub: "The token names no subject",
    };
    return refused("claims", sentences[error.claim] ?? "A claim of the token cannot be used");
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return refused("key", "The token is signed with a key that the issuer does not have");
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refused("signature", "The signature of the token is wrong");
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return refused("algorithm", "The token is signed in a way that is not accepted");
  return refused("malformed", "The token is no signed JWT, as access tokens for this server have to be");
}

/** `typ` is Keycloak's; an access token has none of the others. */
function isIdToken(payload: JWTPayload): boolean {
  const { typ } = payload;
  return "nonce" in payload || "at_hash" in payload || (typeof typ === "string" && typ.toUpperCase() === "ID");
}

/** @throws {TokenRefused} where the issuer has left the groups out, since nobody can know then what the caller may do */
function groupsIn(payload: JWTPayload, claim: string): string[] {
  if (Object.hasOwn(payload, claim)) return listOf(payload[claim]);
  // OpenID Connect Core, section 5.6.2, and what Entra ID writes in tokens of the implicit flow.
  const elsewhere = payload["_claim_names"];
  const isImplicit = claim === "groups" && payload["hasgroups"] === true;
  if (isImplicit || (isObject(elsewhere) && Object.hasOwn(elsewhere, claim)))
    throw new TokenRefused(
      403,
      "groups",
      `The token leaves out the groups of its subject, since there are too many of them (${claim}). Have the issuer put only the groups that are assigned to this application into the token, or application roles in place of groups`,
    );
  return [];
}

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((entry) => typeof entry === "string");

const wordsIn = (value: unknown): string[] => listOf(value).flatMap((text) => text.split(" ").filter(Boolean));
