/** A new `_id` for a document that has none. */
import { randomBytes } from "node:crypto";
import type { Document } from "../operator.ts";
import { ObjectId } from "../values/values.ts";
import { fieldsIn } from "./fields.ts";

/** The document with a new `_id`, which is its first field as on the server. */
export const withNewId = (document: Document): Document => ({
  _id: new ObjectId(randomBytes(12).toString("hex")),
  ...fieldsIn(document),
});
