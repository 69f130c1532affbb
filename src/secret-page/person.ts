/** What a tool says when it cannot go on without a person, and what the client replies. */
import type { Path } from "../json.ts";
import type { SecretRequest } from "./pages.ts";

/**
 * Thrown to end a call without a result: the client is to open a page for a person and to call again. Which messages
 * that takes is the protocol's affair.
 */
export class PersonNeeded extends Error {
  override name = "PersonNeeded";
  readonly url: string;
  /** Stands for the call that waits: opaque, and part of the client's reply. */
  readonly state: string;
  /** Resolves when the page was filled in and submitted; never, where it was not. */
  readonly submitted: Promise<void>;

  /** `message` is for the person, before the page is opened. */
  constructor({ url, message, state, submitted }: Pick<PersonNeeded, "url" | "message" | "state" | "submitted">) {
    super(message);
    this.url = url;
    this.state = state;
    this.submitted = submitted;
  }
}

/** What the client says when it calls again. `accept` means that the page was opened, not that it was filled in. */
export interface PersonReply {
  state: string;
  action: "accept" | "decline" | "cancel";
}

/** A secret that a person typed, and the place in the call's arguments that it is for. */
export interface TypedSecret {
  path: Path;
  value: string;
}

/** One call of a tool: what a person types is good for that call only. */
export interface CallIdentity {
  tool: string;
  args: unknown;
}

/** A page to open: what it asks for, and where each of its fields belongs. */
export interface SecretQuestion {
  request: SecretRequest;
  /** Of each field of the request, where its secret belongs in the arguments. */
  paths: readonly Path[];
}
