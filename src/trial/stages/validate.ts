/**
 * `$validate`: documents that do not match are dropped, or go to the dead letter queue.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-validate/
 */
import type { MakeOperator, Message } from "../operator.ts";
import { isDocument } from "../values/values.ts";
import { messageOf, StageRefused } from "./failures.ts";

export const validate: MakeOperator = (body, { query }) => {
  if (!isDocument(body) || !isDocument(body["validator"])) throw new StageRefused("validator must be an object");
  const { validator, validationAction = "discard" } = body;
  if (validationAction !== "discard" && validationAction !== "dlq")
    throw new StageRefused('validationAction must be "discard" or "dlq"');
  const matches = query(validator);
  const faultOf = (message: Message): string | undefined => {
    try {
      return matches(message) ? undefined : "Input document found to be invalid in $validate stage";
    } catch (error) {
      return `Failed to process input document in $validate stage with error: ${messageOf(error)}`;
    }
  };
  return {
    push(message, out) {
      const fault = faultOf(message);
      if (fault === undefined) out.emit(message);
      else if (validationAction === "dlq") out.deadLetter(message, fault);
    },
  };
};
