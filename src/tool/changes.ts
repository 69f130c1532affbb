/** What a change changes, as a result shows it. */
import { type Difference, dotted, type JsonObject } from "../json.ts";
import type { PartsOf } from "../secrets/parts.ts";
import type { Call } from "./context.ts";
import { shortened } from "./shortened.ts";

/** `partsOf` tells what is secret by its place; long values are shortened. */
export function shownChange({ path, asked, existing }: Difference, partsOf: PartsOf, call: Call): JsonObject {
  const shown = (value: unknown) => shortened(call.visible(value, path, partsOf));
  return {
    path: dotted(call.visiblePath(path)),
    ...(existing !== undefined && { before: shown(existing) }),
    ...(asked !== undefined && { after: shown(asked) }),
  };
}
