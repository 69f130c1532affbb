/**
 * `$source`: documents get their times, and what `$meta` tells of where they come from.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-source/
 */
import { ExpressionFailure } from "../failures.ts";
import type { Document, MakeOperator, Message } from "../operator.ts";
import { toDate } from "../values/dates.ts";
import { isIsoDate, withZone } from "../values/extended-json.ts";
import { fieldOf, isDocument, isNullish, kindOf, put, Timestamp } from "../values/values.ts";
import { shownIn } from "./meta.ts";

type SourceType = "generated" | "kafka" | "kinesis" | "atlas";

/** The type of the connection, as far as the stage's fields tell it. */
function typeOf(body: Document): SourceType {
  if (body["topic"] !== undefined) return "kafka";
  if (body["stream"] !== undefined) return "kinesis";
  return body["db"] !== undefined || body["coll"] !== undefined ? "atlas" : "generated";
}

/** Whether the documents are those of the sample stream, since the stage names a connection and nothing to read from it. */
export const readsSample = (body: unknown): boolean =>
  isDocument(body) &&
  body["documents"] === undefined &&
  typeOf(body) === "generated" &&
  body["config"] === undefined &&
  body["initialSync"] === undefined;

/** Whether any of the documents brings a time along, or the stage reads one from them. */
export const hasTimes = (body: unknown, documents: readonly Document[]): boolean =>
  isDocument(body) &&
  (body["timeField"] !== undefined || documents.some((document) => timeIn(document, timeNameIn(body)) !== undefined));

const timeNameIn = (body: Document): string => nameIn(body, "tsFieldName", "tsFieldOverride") ?? "_ts";

const isEvent = ({ operationType, ns }: Document): boolean => typeof operationType === "string" && isDocument(ns);

const nameIn = (body: Document, ...fields: readonly string[]): string | undefined =>
  fields.flatMap((field) => (typeof body[field] === "string" && body[field] !== "" ? [body[field]] : [])).at(0);

export const source: MakeOperator = (spec, { expression, metaField, timeField: shownTime }) => {
  const body: Document = isDocument(spec) ? spec : {};
  const { timeField } = body;
  const timeOf = timeField === undefined ? undefined : expression(timeField);
  const timeName = timeNameIn(body);
  const config: Document = isDocument(body["config"]) ? body["config"] : {};
  let count = 0;
  return {
    push(message, out) {
      const event = message.document;
      const meta = { source: metaOf(body, event, count, message) };
      count += 1;
      const document = { ...(config["fullDocumentOnly"] === true && isEvent(event) ? fullDocumentOf(event) : event) };
      const arrived = { ...message, document, meta };
      const time = timeOf ? computed(timeOf(arrived)) : (timeIn(event, timeName) ?? message.time);
      if (shownTime !== undefined) put(document, shownTime, new Date(time));
      out.emit(shownIn({ ...arrived, time }, metaField));
    },
  };
};

function computed(time: unknown): number {
  if (time instanceof Date) return time.getTime();
  throw new ExpressionFailure(
    `Failed to extract timestamp from document, timeField gave a value of type ${kindOf(time)}`,
  );
}

/** The time that a document brings along, as a date or as its text. */
function timeIn(document: Document, name: string): number | undefined {
  const times = [
    fieldOf(document, name),
    ...(isEvent(document) ? [document["wallTime"], document["clusterTime"]] : []),
  ];
  const time = times.find((each) => each instanceof Date || each instanceof Timestamp || isIsoDate(each));
  if (isNullish(time)) return undefined;
  const milliseconds = isIsoDate(time) ? new Date(withZone(time)).getTime() : toDate(time).getTime();
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function fullDocumentOf({ fullDocument }: Document): Document {
  if (isDocument(fullDocument)) return fullDocument;
  throw new ExpressionFailure("Missing fullDocument field in change stream event");
}

function metaOf(body: Document, event: Document, count: number, { arrival, time }: Message): Document {
  const type = isEvent(event) ? "atlas" : typeOf(body);
  const common = { type, ts: new Date(arrival ?? time) };
  if (type === "kafka") {
    const topic: unknown = Array.isArray(body["topic"]) ? body["topic"][0] : body["topic"];
    return { ...common, topic, partition: 0, offset: BigInt(count), key: null, headers: [] };
  }
  if (type === "kinesis") return { ...common, kinesisStream: body["stream"] };
  if (type !== "atlas") return common;
  const { operationType, ns, documentKey } = event;
  const names = isEvent(event)
    ? ns
    : { db: body["db"], coll: Array.isArray(body["coll"]) ? body["coll"][0] : body["coll"] };
  return {
    ...common,
    ...(typeof operationType === "string" && { operationType }),
    ns: names,
    ...(isDocument(documentKey) && { documentKey }),
  };
}
