/**
 * `$emit` and `$iceberg`: what would be sent, or written to files. What kind of sink it is, its fields tell.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-emit/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-iceberg/
 */
import { PipelineFault, reasonOf } from "../failures.ts";
import type { Document, MakeSink, Message, Outlet, Sink, Surroundings } from "../operator.ts";
import { isDocument, kindOf } from "../values/values.ts";
import { Messages, WrittenCollections } from "./arrivals.ts";
import { isText, partAt, textAt, textFor } from "./body.ts";
import { fieldAt, withNewId } from "./fields.ts";
import { writerIn } from "./output-format.ts";

/** The message that is sent for a document. */
type Sending = (message: Message, out: Outlet) => Document;

export const emit: MakeSink = (body, surroundings) => {
  if (!isDocument(body)) throw new PipelineFault("its value must be an object");
  if ("coll" in body) return timeSeries(body, surroundings);
  const write = writerIn(partAt(body, "config"));
  const texts = ["stream", "bucket", "container", "path", "orderingKey", "partitionKey"].flatMap((field) =>
    field in body ? [[field, textFor(body[field], `$emit.${field}`, surroundings)] as const] : [],
  );
  if ("topic" in body && !("projectId" in body))
    return sending("KafkaEmitOperator", toKafka(body, write, surroundings));
  if ("topic" in body) texts.unshift(["topic", textFor(body["topic"], "$emit.topic", surroundings)]);
  const attributes = Object.entries(partAt(body, "attributes")).map(
    ([name, spec]) => [name, textFor(spec, `$emit.attributes.${name}`, surroundings)] as const,
  );
  return sending("EmitOperator", (message) => ({
    ...Object.fromEntries(texts.map(([field, textOf]) => [field, textOf(message)])),
    ...(attributes.length > 0 && {
      attributes: Object.fromEntries(attributes.map(([name, textOf]) => [name, textOf(message)])),
    }),
    value: write(message.document),
  }));
};

function sending(operator: string, sent: Sending): Sink {
  const messages = new Messages();
  return {
    arrived: () => messages.arrived(),
    push(message, out) {
      try {
        messages.add(sent(message, out));
      } catch (error) {
        return out.deadLetter(message, reasonOf(operator, error));
      }
      out.emit(message);
    },
  };
}

function toKafka(body: Document, write: (value: unknown) => unknown, surroundings: Surroundings): Sending {
  const { expression } = surroundings;
  const config = partAt(body, "config");
  const topicOf = textFor(body["topic"], "$emit.topic", surroundings);
  const { key, keyFormat = "binData", headers, tombstoneWhen } = config;
  if (key !== undefined && config["keyFormat"] === undefined)
    throw new PipelineFault("config.key needs config.keyFormat");
  const format = isText(keyFormat) ? KEY_FORMATS.get(keyFormat) : undefined;
  if (!format) throw new PipelineFault(`config.keyFormat must be one of ${[...KEY_FORMATS.keys()].join(", ")}`);
  const keyOf = key === undefined ? undefined : expression(key);
  const headersOf = headers === undefined ? undefined : expression(headers);
  const isTombstone = tombstoneWhen === undefined ? undefined : expression(tombstoneWhen);
  return (message, out) => {
    if ("schemaRegistry" in body) out.untried("the schema registry is not asked, and the message is shown as JSON");
    const foundKey = keyOf?.(message);
    const foundHeaders = headersOf?.(message);
    return {
      topic: topicOf(message),
      ...(foundKey !== undefined && { key: keyIn(foundKey, format, write) }),
      ...(foundHeaders !== undefined && { headers: headersIn(foundHeaders, write) }),
      value: isTombstone && tombstone(isTombstone(message)) ? null : write(message.document),
    };
  };
}

/** The kind of value that a key has to be of, by `keyFormat`. */
const KEY_FORMATS = new Map([
  ["binData", "binData"],
  ["string", "string"],
  ["json", "object"],
  ["int", "int"],
  ["long", "long"],
  ["double", "double"],
]);

function keyIn(key: unknown, kind: string, write: (value: unknown) => unknown): unknown {
  if (kindOf(key) !== kind)
    throw new Error(`Kafka $emit key expression must evaluate to '${kind}' according to the specified key format`);
  return write(key);
}

function headersIn(headers: unknown, write: (value: unknown) => unknown): Document[] {
  if (!Array.isArray(headers) && !isDocument(headers))
    throw new Error("Kafka $emit header expression must evaluate to an Object or an Array");
  const pairs: unknown[] = Array.isArray(headers) ? headers : Object.entries(headers).map(([k, v]) => ({ k, v }));
  return pairs.map((pair) => {
    if (!isDocument(pair)) throw new Error("Each header must be of type Object");
    const { k, v = null } = pair;
    if (!isText(k)) throw new Error("Each header key must be of type String");
    const kind = kindOf(v);
    if (!HEADER_KINDS.has(kind)) throw new Error(`Header value has invalid type: ${kind}`);
    return { k, v: write(v) };
  });
}

const HEADER_KINDS = new Set(["binData", "string", "object", "int", "long", "double", "null"]);

function tombstone(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new Error("Expected $emit.config.tombstoneWhen to evaluate to a boolean");
}

function timeSeries(body: Document, surroundings: Surroundings): Sink {
  const connectionName = textAt(body, "connectionName");
  const dbOf = textFor(body["db"], "$emit.db", surroundings);
  const collOf = textFor(body["coll"], "$emit.coll", surroundings);
  const timeseries = partAt(body, "timeseries");
  const timeField = "timeField" in timeseries ? textAt(timeseries, "timeField") : undefined;
  const written = new WrittenCollections(surroundings.collections);
  const write = (message: Message) => {
    if (timeField !== undefined && kindOf(fieldAt(message.document, timeField)) !== "date")
      throw new Error(`'${timeField}' must be present and contain a valid BSON UTC datetime value`);
    const collection = written.open({ connectionName, db: dbOf(message), coll: collOf(message) });
    collection.push(message.document["_id"] === undefined ? withNewId(message.document) : message.document);
    return message.document;
  };
  return { push: sending("TimeseriesEmitOperator", write).push, arrived: () => written.arrived() };
}

/** The rows that would be written; the files and their catalog are not made. */
export const iceberg: MakeSink = (body, surroundings) => {
  if (!isDocument(body)) throw new PipelineFault("its value must be an object");
  const tableOf = textFor(body["tableName"], "$iceberg.tableName", surroundings);
  const { mode = "cdc" } = body;
  if (mode !== "cdc" && mode !== "insert") throw new PipelineFault("mode must be cdc or insert");
  const idField = "idFieldName" in body ? textAt(body, "idFieldName") : "_id";
  const write = writerIn({});
  return sending("IcebergOperator", (message, out) => {
    out.untried("no table is made: the rows are shown as they arrive");
    const { document, meta } = message;
    if (mode === "cdc" && fieldAt(document, idField) === undefined) throw new Error(`the field ${idField} is missing`);
    const isDeleted = fieldAt(meta, "source.operationType") === "delete";
    const operation = mode === "insert" ? "insert" : isDeleted ? "delete" : "upsert";
    return { tableName: tableOf(message), operation, value: write(document) };
  });
};
