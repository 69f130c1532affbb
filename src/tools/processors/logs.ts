/** The operational logs of a processor, as far as they can be read. */
import { downloadOperationalLogs, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { type OperationalLogs, readOperationalLogs } from "../../diagnosis/operational-logs.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";

const MINUTE_MS = 60_000;

/** What the logs since then hold, with what is secret of its messages masked. @throws {AtlasFailure} */
export async function logsOf(
  place: WorkspacePlace,
  name: string,
  sinceMinutes: number,
  call: Call,
): Promise<OperationalLogs> {
  const since = Math.floor((call.now() - sinceMinutes * MINUTE_MS) / 1000);
  const { bytes } = await call.read(downloadOperationalLogs(place, { spName: name, startDate: since }));
  return readOperationalLogs(bytes, { mask: call.maskText });
}

/** A failure is looked for in the logs of the last minutes. */
const FAILURE_MINUTES = 15;

/** The newest error in the logs, or nothing where they hold none or cannot be read. */
export async function failureInLogs(place: WorkspacePlace, name: string, call: Call): Promise<string | undefined> {
  const logs = await call.attempt(logsOf(place, name, FAILURE_MINUTES, call));
  return logs instanceof ToolFailure ? undefined : logs.errors[0]?.message;
}
