/** Where a pipeline can be tried before it runs. */
import type { Call } from "../../tool/context.ts";

const DOING = "Before it is billed, try its pipeline on two or three example documents";

/** A sentence to go on with, where the client has the tool for it. */
export function triedFirst({ way }: Pick<Call, "way">): string {
  const how = way(DOING, "try_stream_pipeline");
  return how.startsWith(DOING) ? ` ${how}.` : "";
}
