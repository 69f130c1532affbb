/** A page while it is open. When it ends it forgets who waits for it, and with that what was typed. */
import type { SecretAnswer, SecretRequest } from "./request.ts";
import { Token } from "./token.ts";

export class OpenPage {
  readonly request: SecretRequest;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** The path of the form. */
  readonly token = new Token();
  /** Proves that a form was sent from the page that was served. */
  readonly formToken = new Token();
  /** Paths of fields that the last submit left empty. */
  missing: ReadonlySet<string> = new Set();
  #settle: ((answer: SecretAnswer) => void) | undefined;

  constructor(request: SecretRequest, deadline: number, settle: (answer: SecretAnswer) => void) {
    this.request = request;
    this.deadline = deadline;
    this.#settle = settle;
  }

  settle(answer: SecretAnswer): void {
    this.#settle?.(answer);
    this.#settle = undefined;
  }
}

/** What is left of a page for the person who answered it: a word of confirmation, at a path of its own. */
export interface EndedPage {
  readonly token: Token;
  readonly kind: "submitted" | "cancelled";
  readonly connection: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}
