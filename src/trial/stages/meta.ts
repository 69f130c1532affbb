/** What a document shows of its stream, in a field of its own: the older form of `{$meta: "stream"}`. */
import type { Message } from "../operator.ts";
import { put } from "../values/values.ts";

/** The message with its meta in that field, where the pipeline uses it. */
export function shownIn(message: Message, metaField: string | undefined): Message {
  if (metaField === undefined) return message;
  const document = { ...message.document };
  put(document, metaField, message.meta);
  return { ...message, document };
}
