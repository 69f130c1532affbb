/** What a sink has written and sent. */
import type { Arrived, Document } from "../operator.ts";
import { type CollectionName, keyIn } from "./body.ts";

/** So many messages are kept, the first: a processor may run for long. */
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

/** Collections that are written to; whoever runs the pipeline keeps them. */
export class WrittenCollections {
  readonly #collections: Map<string, Document[]>;
  readonly #written = new Map<string, Document[]>();

  constructor(collections: Map<string, Document[]>) {
    this.#collections = collections;
  }

  /** Its documents, to be changed in place; one that is not there is made. */
  open(name: CollectionName): Document[] {
    const key = keyIn(this.#collections, name);
    const found = this.#collections.get(key) ?? [];
    this.#collections.set(key, found);
    this.#written.set(`${name.db}.${name.coll}`, found);
    return found;
  }

  arrived(): Arrived {
    return { collections: Object.fromEntries(this.#written) };
  }
}
