/**
 * `$validate`: documents that do not match are dropped, or go to the dead letter queue.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-validate/
 */
import { PipelineFault, reasonOf } from "../failures.ts";
import type { MakeOperator, Message } from "../operator.ts";
import { isDocument } from "../values/values.ts";

export const validate: MakeOperator = (body, { query }) => {
  if (!isDocument(body) || !isDocument(body["validator"])) throw new PipelineFault("validator must be an object");
  const { validator, validationAction = "discard" } = body;
  if (validationAction !== "discard" && validationAction !== "dlq")
    throw new PipelineFault('validationAction must be "discard" or "dlq"');
  const matches = query(validator);
  const faultOf = (message: Message): string | undefined => {
    try {
      return matches(message) ? undefined : "Input document found to be invalid in $validate stage";
    } catch (error) {
      return reasonOf("$validate stage", error);
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
