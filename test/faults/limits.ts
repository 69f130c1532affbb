/** The time limits under which the servers of the bench run, and how long a call may take by them. */
import { WRITE_WAIT_MS } from "../../src/atlas/write-once.ts";

/** One HTTP attempt. Long enough that a busy machine does not make faults of its own. */
export const TIMEOUT_MS = 8_000;
/** The same where one before the write is not answered: there is as long again until the write is given up. */
export const TIMEOUT_BEFORE_WRITE_MS = WRITE_WAIT_MS / 2;
/** How long a lost write is looked for. */
export const CHECK_MS = 5_000;
/** How long a state is waited for that a write leads to. */
const READY_MS = 4_000;
/** For the machine and the pipes. */
const SLACK_MS = 3_000;

/** How long a delete waits until what was deleted is gone. */
const GONE_MS = 45_000;

/**
 * Milliseconds that a call may take: token, challenge and write, the waits before it is sent again, the check, the wait
 * for a state; of a delete that is not carried out, the wait for that.
 */
export function callLimit({ waits, ignored = false }: { waits: boolean; ignored?: boolean }): number {
  return 3 * TIMEOUT_MS + (waits ? WRITE_WAIT_MS : 0) + CHECK_MS + READY_MS + (ignored ? GONE_MS : 0) + SLACK_MS;
}

export const limitVariables = {
  ATLAS_STREAMS_MCP_TIMEOUT_MS: String(TIMEOUT_MS),
  ATLAS_STREAMS_MCP_CHECK_MS: String(CHECK_MS),
  ATLAS_STREAMS_MCP_READY_MS: String(READY_MS),
};
