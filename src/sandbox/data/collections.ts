/** What the clusters of a project hold: collections that come into being when something is written to them. */
import type { Connection } from "../../connections/union.ts";
import type { Document } from "../../trial/operator.ts";

/** Of each collection, only so many documents are kept, the newest. */
const KEPT = 1_000;

/** By `cluster/db.coll`. One that nobody has written to is empty, as on a cluster. */
export class Collections extends Map<string, Document[]> {
  readonly #trimmed = new WeakSet<Document>();

  override get(key: string): Document[] {
    const found = super.get(key) ?? [];
    this.set(key, found);
    return found;
  }

  override has(): boolean {
    return true;
  }

  /** Drops the oldest documents of collections that have grown long. */
  trim(): void {
    for (const documents of this.values())
      for (const document of documents.splice(0, documents.length - KEPT)) this.#trimmed.add(document);
  }

  /** Whether a document was dropped only because it was among the oldest: on a cluster it would still be there. */
  isTrimmed(document: Document): boolean {
    return this.#trimmed.has(document);
  }
}

/** Connections by their names. */
type Connections = ReadonlyMap<string, { body: Connection }>;

/** The same as the pipelines of a workspace name them, by `connection/db.coll`. */
export class ConnectedCollections extends Map<string, Document[]> {
  readonly #collections: Collections;
  readonly #connections: Connections;

  constructor(collections: Collections, connections: Connections) {
    super();
    this.#collections = collections;
    this.#connections = connections;
  }

  override get(key: string): Document[] {
    return this.#collections.get(this.#onCluster(key));
  }

  override has(): boolean {
    return true;
  }

  override set(key: string, documents: Document[]): this {
    this.#collections.set(this.#onCluster(key), documents);
    return this;
  }

  #onCluster(key: string): string {
    for (const [name, { body }] of this.#connections)
      if (body.type === "Cluster" && key.startsWith(`${name}/`)) return `${body.clusterName}${key.slice(name.length)}`;
    return key;
  }
}
