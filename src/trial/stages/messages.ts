/** What a sink has sent: only the first messages are kept, since a processor may run for long. */
import type { Arrived, Document } from "../operator.ts";

const KEPT = 200;

export class Messages {
  readonly #kept: Document[] = [];

  add(message: Document): void {
    if (this.#kept.length < KEPT) this.#kept.push(message);
  }

  arrived(): Arrived {
    return { messages: this.#kept };
  }
}
