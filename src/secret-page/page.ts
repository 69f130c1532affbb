/** One page: what it asks for, how it ended, and the addresses at which it can be found. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";

export interface SecretField {
  /** Tells the fields of a page apart, also in what was typed. */
  key: string;
  label: string;
  multiline: boolean;
}

export interface SecretRequest {
  /** Its id or its name. */
  project: string;
  workspace: string;
  connection: {
    name: string;
    type: string;
    /** Where Atlas will send the secret: a URL, or brokers separated by commas, which the page puts on a line each. */
    host?: string;
  };
  fields: readonly SecretField[];
  /** Default: five minutes. */
  lifetimeMs?: number;
}

/** How a page ended. */
export type PageEnd =
  | { kind: "submitted" /** By the keys of the fields. */; values: ReadonlyMap<string, string> }
  | { kind: "cancelled" }
  | { kind: "expired" };

const DEFAULT_LIFETIME_MS = 5 * 60_000;

/** A page that waits for a person. */
export class ServedPage {
  readonly request: SecretRequest;
  /** The path of the form. */
  readonly token = new Token();
  /** Proves that a form was sent from the page that was served. */
  readonly formToken = new Token();
  /** Keys of the fields that the last submit left empty. */
  missing: ReadonlySet<string> = new Set();
  /** Ends the page. Only the first end counts. */
  readonly end: (end: PageEnd) => void;
  readonly ended: Promise<PageEnd>;
  readonly #clock: Clock;
  readonly #deadline: number;

  constructor(request: SecretRequest, clock: Clock) {
    this.request = request;
    let end: (end: PageEnd) => void = () => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.end = end;
    this.#clock = clock;
    this.#deadline = clock.now() + (request.lifetimeMs ?? DEFAULT_LIFETIME_MS);
  }

  get remainingMs(): number {
    return this.#deadline - this.#clock.now();
  }
}

/** What is left of a page that a person ended, at a path of its own. */
export interface Confirmation {
  readonly token: Token;
  readonly kind: "submitted" | "cancelled";
  readonly connection: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A name that cannot be guessed, not even by timing how long a comparison takes. */
export class Token {
  /** 256 random bits, fit for a path and a form. */
  readonly text = randomBytes(32).toString("base64url");
  readonly #digest = sha256(this.text);

  /** Compares digests: all have the same length, and a nearly right guess has a digest that is nothing like this one. */
  is(text: string): boolean {
    return timingSafeEqual(this.#digest, sha256(text));
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
