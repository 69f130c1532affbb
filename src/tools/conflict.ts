/** A name that belongs to another connection than the one asked for, in an agent's words. */
import { AtlasFailure } from "../atlas/failure.ts";
import { type Difference, hasSecrets } from "../connections/compare.ts";
import type { Connection } from "../connections/union.ts";
import type { JsonObject } from "../json.ts";
import { connectionView } from "./connection-view.ts";
import type { Circumstances } from "./failure.ts";

/** What stands in the way; `cause` is what Atlas said when it was met. */
export function conflict(
  asked: Connection,
  existing: JsonObject,
  differences: readonly Difference[],
  cause: AtlasFailure,
): { failure: AtlasFailure; circumstances: Circumstances } {
  const message = `A connection named "${asked.name}" is there already and differs from the one asked for`;
  return {
    failure: new AtlasFailure("conflict", message, { ...cause.facts, retryable: false }, { cause }),
    circumstances: {
      connection: connectionView(existing),
      fields: differences.map((difference) => ({
        path: `connection.${difference.path}`,
        message: `${existingSide(difference)}; ${askedSide(difference)}`,
      })),
      hint: `Use the existing connection, choose another name, or have it changed.${secretsCaveat(asked)}`,
    },
  };
}

function existingSide({ existing }: Difference): string {
  return existing === undefined ? "is not set" : `is ${JSON.stringify(existing)}`;
}

function askedSide({ asked }: Difference): string {
  return asked === undefined ? "it was not asked for" : `${JSON.stringify(asked)} was asked for`;
}

/** A sentence where comparing had to leave secrets out, else nothing. */
export function secretsCaveat(connection: Connection): string {
  return hasSecrets(connection) ? " Secrets cannot be compared, since Atlas does not return them." : "";
}
