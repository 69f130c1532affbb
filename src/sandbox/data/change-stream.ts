/**
 * What has changed in collections since it was looked at last, as the events of a change stream.
 * @see https://www.mongodb.com/docs/manual/reference/change-events/
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../../json.ts";
import { valueAt } from "../../json.ts";
import type { Document } from "../../trial/operator.ts";
import { isEqual, keyOf, Timestamp } from "../../trial/values/values.ts";
import type { Collections } from "./collections.ts";

interface Change {
  event: Document;
  /** Milliseconds since 1970. */
  at: number;
}

export class ChangeStream {
  /** Those that nobody has taken yet, the oldest first. */
  readonly pending: Change[] = [];
  readonly #collections: Collections;
  readonly #isWatched: (name: string) => boolean;
  readonly #showsUpdated: boolean;
  /** The documents of each collection when it was looked at last, by their `_id`. */
  readonly #known = new Map<string, Map<string, Document>>();
  #count = 0;

  /** Of what `$source` watches on that cluster; what is there already is news only to an `initialSync`. */
  constructor(collections: Collections, cluster: string, source: JsonObject) {
    const { db, coll } = source;
    const names = coll === undefined ? undefined : [coll].flat().map((name) => `${cluster}/${db}.${name}`);
    const prefix = db === undefined ? `${cluster}/` : `${cluster}/${db}.`;
    this.#collections = collections;
    this.#isWatched = (name) => (names ? names.includes(name) : name.startsWith(prefix));
    const fullDocument = valueAt(source, ["config", "fullDocument"]) ?? "default";
    this.#showsUpdated = fullDocument !== "default";
    if (valueAt(source, ["initialSync", "enable"]) === true) return;
    for (const [name, documents] of this.#watched()) this.#known.set(name, byId(documents));
  }

  #watched(): [string, Document[]][] {
    return [...this.#collections].filter(([name]) => this.#isWatched(name));
  }

  /** Looks what has changed; the changes count as made at `now`. */
  look(now: number): void {
    for (const [name, documents] of this.#watched()) {
      const before = this.#known.get(name) ?? new Map<string, Document>();
      const after = byId(documents);
      this.#known.set(name, after);
      for (const [id, document] of after)
        if (before.get(id) !== document) this.#add(name, before.get(id), document, now);
      for (const [id, document] of before)
        if (!after.has(id) && !this.#collections.isTrimmed(document)) this.#add(name, document, undefined, now);
    }
  }

  #add(name: string, before: Document | undefined, after: Document | undefined, at: number): void {
    this.#count += 1;
    const [db = "", ...coll] = name.slice(name.indexOf("/") + 1).split(".");
    const operationType = after === undefined ? "delete" : before === undefined ? "insert" : "update";
    const isShown = operationType === "insert" || (operationType === "update" && this.#showsUpdated);
    this.pending.push({
      at,
      event: {
        _id: { _data: createHash("sha256").update(`${name} ${this.#count} ${at}`).digest("hex") },
        operationType,
        clusterTime: new Timestamp(Math.floor(at / 1_000), this.#count),
        wallTime: new Date(at),
        ns: { db, coll: coll.join(".") },
        documentKey: { _id: (after ?? before)?.["_id"] },
        ...(isShown && { fullDocument: after }),
        ...(before && after && { updateDescription: updateOf(before, after) }),
      },
    });
  }
}

const byId = (documents: readonly Document[]) =>
  new Map(documents.map((document) => [keyOf(document["_id"]), document]));

function updateOf(before: Document, after: Document): Document {
  const updated = Object.entries(after).filter(([name, value]) => !isEqual(value, before[name]));
  return {
    updatedFields: Object.fromEntries(updated),
    removedFields: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
    truncatedArrays: [],
  };
}
