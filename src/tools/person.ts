/** What a tool says when it cannot go on without a person, and what it hears of them. */

/**
 * A tool gives this instead of a result: the client is to open a page for a person and to call again with the answer.
 * Which messages that takes is the protocol's affair.
 */
export class PersonNeeded {
  readonly url: string;
  /** For the person, before the page is opened. */
  readonly message: string;
  /** Stands for the call that waits: opaque, and given back with the answer. */
  readonly state: string;
  /** Resolves when the page was filled in and submitted; never, where it was not. */
  readonly submitted: Promise<void>;

  constructor(page: Pick<PersonNeeded, "url" | "message" | "state" | "submitted">) {
    this.url = page.url;
    this.message = page.message;
    this.state = page.state;
    this.submitted = page.submitted;
  }
}

/** What the client says when it calls again. `accept` means that the page was opened, not that it was filled in. */
export interface PersonAnswer {
  state: string;
  action: "accept" | "decline" | "cancel";
}
