/**
 * The public keys of an issuer: found by its metadata, kept, and fetched again when they grow old or a token names one
 * that is not among them. @see RFC 8414; OpenID Connect Discovery 1.0; RFC 7517
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { ExchangeFailure, failureCode } from "../atlas/exchange-failure.ts";
import { createHttp } from "../atlas/http.ts";
import type { Clock } from "../clock.ts";
import { isLoopback } from "../config/settings.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Log } from "../log.ts";

/** The least time between two fetches, so that made-up tokens cannot have the issuer asked without end. */
const PAUSE_MS = 30_000;
/** The same as long as there are no keys at all. */
const FIRST_PAUSE_MS = 2_000;
/** Keys are fetched anew after this time, and used beyond it only while the issuer cannot be reached. */
const FRESH_MS = 10 * 60_000;
/** So long at the most: a key that the issuer has withdrawn is to end some day, whoever is in the way of knowing. */
const USABLE_MS = 24 * 60 * 60_000;
const TIMEOUT_MS = 5_000;

interface Dependencies {
  /** Whether the environment names a proxy. */
  proxy: boolean;
  clock: Clock;
  log: Log;
}

/** There are no keys: the issuer cannot be reached, or says what cannot be used. */
export class NoKeys extends Error {
  override name = "NoKeys";
}

/** There is no answer from the issuer's address. */
class Unreachable extends Error {
  override name = "Unreachable";
}

export class IssuerKeys {
  readonly #issuer: string;
  readonly #dependencies: Dependencies;
  #keys: { find: JWTVerifyGetKey; fetchedAt: number } | undefined;
  /** When the last fetch ended, whether it brought keys or not. */
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;
  #closed = false;
  #generation = 0;

  constructor(issuer: string, dependencies: Dependencies) {
    this.#issuer = issuer;
    this.#dependencies = dependencies;
  }

  /** Fetches the keys, again and again until there are some, with pauses that grow. */
  async start(pauseMs = FIRST_PAUSE_MS): Promise<void> {
    await this.#fetch();
    const { clock } = this.#dependencies;
    if (!this.#keys && !this.#closed) clock.after(pauseMs, () => void this.start(Math.min(2 * pauseMs, PAUSE_MS)));
  }

  close(): void {
    this.#closed = true;
  }

  /** How often they were fetched: what was found out with them holds as long as this stays the same. */
  get generation(): number {
    return this.#generation;
  }

  /** Has them fetched in the background where they have grown old. */
  keepFresh(): void {
    if (this.#keys && this.#age(this.#keys.fetchedAt) >= FRESH_MS) void this.#fetchAfter(PAUSE_MS);
  }

  /** Whether tokens can be checked. */
  get areThere(): boolean {
    return this.#keys !== undefined && this.#age(this.#keys.fetchedAt) < USABLE_MS;
  }

  /**
   * The key that a token names.
   * @throws {NoKeys} where there are none
   * @throws what jose throws where none of them fits
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (!this.#keys || this.#age(this.#keys.fetchedAt) >= USABLE_MS) await this.#fetchAfter(FIRST_PAUSE_MS);
    // Nobody waits for fresh keys where there are others.
    this.keepFresh();
    const known = this.#usable();
    try {
      return await known.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#fetchAfter(PAUSE_MS);
      const latest = this.#usable();
      if (latest === known) throw error;
      return latest.find(header, token);
    }
  };

  #usable() {
    if (!this.#keys || !this.areThere) throw new NoKeys("The issuer's keys could not be fetched");
    return this.#keys;
  }

  #age(time: number): number {
    return this.#dependencies.clock.now() - time;
  }

  /** Fetches the keys, unless that was tried less than `pauseMs` ago. */
  async #fetchAfter(pauseMs: number): Promise<void> {
    if (this.#fetching || this.#age(this.#triedAt) >= pauseMs) await this.#fetch();
  }

  #fetch(): Promise<void> {
    const { clock, log } = this.#dependencies;
    this.#fetching ??= this.#fetchKeys()
      .then((jwks) => {
        this.#generation += 1;
        this.#keys = { find: createLocalJWKSet(jwks), fetchedAt: clock.now() };
      })
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : "unknown";
        log.warning("The issuer's keys could not be fetched", { issuer: this.#issuer, why });
      })
      .finally(() => {
        this.#triedAt = clock.now();
        this.#fetching = undefined;
      });
    return this.#fetching;
  }

  async #fetchKeys(): Promise<JSONWebKeySet> {
    const { issuer, jwks_uri: place } = await this.#metadata();
    // RFC 8414, section 3.3: else anybody could pass for another issuer.
    if (issuer !== this.#issuer) throw new Error(`its metadata is that of another issuer: ${JSON.stringify(issuer)}`);
    if (typeof place !== "string" || !URL.canParse(place)) throw new Error("its metadata names no jwks_uri");
    const keys = await this.#get(new URL(place));
    if (!isKeySet(keys)) throw new Error("what is at its jwks_uri is no set of keys");
    return keys;
  }

  /** The metadata at the first of its usual places where there is some. */
  async #metadata(): Promise<JsonObject> {
    const { origin, pathname } = new URL(this.#issuer);
    const path = pathname.replace(/\/$/, "");
    const places = [
      `${path}/.well-known/openid-configuration`,
      `/.well-known/oauth-authorization-server${path}`,
      `/.well-known/openid-configuration${path}`,
    ];
    let first: unknown;
    for (const place of new Set(places)) {
      try {
        return await this.#get(new URL(place, origin));
      } catch (error) {
        // Where nobody answers, nobody answers in another place either.
        if (error instanceof Unreachable) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  async #get(url: URL): Promise<JsonObject> {
    const isLocal = isLoopback(url.hostname);
    if (url.protocol !== "https:" && !isLocal) throw new Error(`it is sent to an address without https: ${url.origin}`);
    const http = createHttp({ origin: url.origin, proxy: this.#dependencies.proxy && !isLocal });
    try {
      const { status, bytes } = await http.send(
        { method: "GET", path: url.pathname + url.search, headers: { accept: "application/json" } },
        { signal: new AbortController().signal, timeoutMs: TIMEOUT_MS },
      );
      const body: unknown = status === 200 ? JSON.parse(bytes.toString()) : undefined;
      if (!isObject(body)) throw new Error(`${url.origin}${url.pathname} answered ${status}`);
      return body;
    } catch (error) {
      throw error instanceof ExchangeFailure
        ? new Unreachable(`${url.origin} did not answer (${failureCode(error)})`)
        : error;
    } finally {
      await http.close();
    }
  }
}

function isKeySet(value: JsonObject): value is JsonObject & JSONWebKeySet {
  const { keys } = value;
  return Array.isArray(keys) && keys.every((key) => isObject(key) && typeof key["kty"] === "string");
}
