/** The collections that a sink writes to, which are kept by whoever runs the pipeline. */
import type { Arrived, Document } from "../operator.ts";
import { type CollectionName, keyIn } from "./body.ts";

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
