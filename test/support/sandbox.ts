/** The embedded Atlas as tests use it: it keeps what it was asked, and what it does can go wrong on the way. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isObject } from "../../src/json.ts";
import type { DigestAlgorithm } from "../../src/sandbox/access/digest.ts";
import { ApiError } from "../../src/sandbox/api/api-error.ts";
import { answerTo, beforeAnswer } from "../../src/sandbox/atlas.ts";
import { loadEngine } from "../../src/sandbox/data/message-flow.ts";
import type { Oddities } from "../../src/sandbox/data/oddities.ts";
import type { SandboxState } from "../../src/sandbox/data/state.ts";
import {
  type Answer,
  headOf,
  type ReceivedRequest,
  type RequestHead,
  readBody,
  send,
  sendHead,
} from "../../src/sandbox/http.ts";
import { type Exchange, type Sandbox as PlainSandbox, startSandbox as startPlain } from "../../src/sandbox/start.ts";
import { type Fault, Faults } from "./sandbox-faults.ts";

export type { Fault, FaultRule } from "./sandbox-faults.ts";

/** One request; `body` and `status` are filled in as it goes on. */
export interface RecordedRequest extends RequestHead {
  /** Undefined when there was none or it was not read. */
  body: unknown;
  /** The HTTP status that was answered; undefined as long as none was. */
  status: number | undefined;
}

export interface SandboxOptions {
  /** Default MD5. */
  digestAlgorithm?: DigestAlgorithm;
  /** How long a connection and a processor take for what takes Atlas a while, each; default 0: no time. */
  readyAfterMs?: number;
  /** Oddities that are to be otherwise than `quickOddities` and Atlas have them. */
  oddities?: Partial<Oddities>;
}

/** Times in which a test can wait for what takes Atlas longer; in all else tests meet Atlas as it is. */
const quickOddities = { deletingMs: 40, hiddenMs: 20, recoveringMs: 40 } satisfies Partial<Oddities>;

export interface Sandbox extends PlainSandbox {
  readonly faults: Faults;
  /** Every request so far, oldest first. */
  readonly requests: RecordedRequest[];
  /** Makes Atlas odd in another way for requests whose path begins so. */
  makeOdd(path: string, oddities: Partial<Oddities>): void;
}

export async function startSandbox({
  digestAlgorithm = "MD5",
  readyAfterMs = 0,
  oddities,
}: SandboxOptions = {}): Promise<Sandbox> {
  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  const hidden = new HiddenResources();
  const elsewhere = new Map<string, Partial<Oddities>>();

  const exchange: Exchange = async (incoming, response, state) => {
    const request: RecordedRequest = { ...headOf(incoming), body: undefined, status: undefined };
    requests.push(request);
    const { fault, hiddenMs } = faults.strike(request);
    if (fault?.kind === "reset-before-read") return reset(response);
    request.body = await readBody(incoming);
    await beforeAnswer(request, state);

    const act = () => hidden.answer(request, answerOddly(request, state, elsewhere), hiddenMs);
    const answered = (answer: Answer) => {
      request.status = answer.status;
      return answer;
    };
    switch (fault?.kind) {
      case undefined:
        return send(response, answered(act()));
      case "delay":
        await pause(fault.ms);
        return send(response, answered(act()));
      case "reset-after-read":
        return reset(response);
      case "silence-before-acting":
        return;
      case "answer":
        if (fault.act) act();
        return send(response, answered(cannedAnswer(fault)));
      case "reset-after-acting":
        act();
        return reset(response);
      case "silence-after-acting":
        act();
        return;
      case "half-body":
        return sendHalf(response, answered(act()));
      case "garbage-body":
        return send(response, answered({ ...act(), status: 200, body: Buffer.from('{"name": \u0000<<<') }));
      case "slow-body":
        return sendSlowly(response, answered(act()), fault.bytesPerSecond);
    }
  };

  // From its source it takes longer to load than some tests let a request wait.
  await loadEngine();
  const sandbox = await startPlain(exchange);
  sandbox.state.digest.algorithm = digestAlgorithm;
  Object.assign(sandbox.state, { readyAfterMs, switchedAfterMs: readyAfterMs });
  Object.assign(sandbox.state.oddities, quickOddities, oddities);
  return { ...sandbox, faults, requests, makeOdd: (path, changes) => void elsewhere.set(path, changes) };
}

/** What Atlas answers where it is as odd as was said for the request's path. */
function answerOddly(
  request: ReceivedRequest,
  state: SandboxState,
  elsewhere: ReadonlyMap<string, Partial<Oddities>>,
): Answer {
  const usual = state.oddities;
  const [, changes] = [...elsewhere].find(([path]) => request.path.startsWith(path)) ?? [];
  state.oddities = { ...usual, ...changes };
  try {
    return answerTo(request, state);
  } finally {
    state.oddities = usual;
  }
}

/** Connections, workspaces and processors that were created, though a GET does not find them yet. */
class HiddenResources {
  /** When each can be found (milliseconds since 1970), by its path. */
  readonly #until = new Map<string, number>();

  /** What to answer in place of Atlas's `answer`; what the request created is hidden for `hiddenMs`. */
  answer({ method, path, body }: ReceivedRequest, answer: Answer, hiddenMs: number): Answer {
    if (answer.status !== 200) return answer;
    if (method === "POST" && hiddenMs > 0 && isObject(body))
      this.#until.set(`${path}/${encodeURIComponent(String(body["name"]))}`, Date.now() + hiddenMs);
    if (method !== "GET" || (this.#until.get(path) ?? 0) <= Date.now()) return answer;
    const kind = kindAt(path);
    return new ApiError(404, `STREAM_${kind.toUpperCase()}_NOT_FOUND_FOR_NAME`, `There is no such ${kind}.`);
  }
}

/** What a path is the path of, in the words of Atlas's error codes. */
function kindAt(path: string): "connection" | "processor" | "tenant" {
  if (path.includes("/connections/")) return "connection";
  return path.includes("/processor/") ? "processor" : "tenant";
}

function cannedAnswer({ status, headers = {}, body, contentType }: Fault & { kind: "answer" }): Answer {
  const isText = typeof body === "string" || body === undefined;
  const type = contentType ?? (isText ? "text/plain" : "application/json");
  return { status, headers: { "content-type": type, ...headers }, body: isText ? Buffer.from(body ?? "") : body };
}

/** Drops the connection with a TCP reset. */
function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** The head promises the whole body, half of it follows, then the connection is closed. */
function sendHalf(response: ServerResponse, answer: Answer): void {
  const bytes = sendHead(response, answer);
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

async function sendSlowly(response: ServerResponse, answer: Answer, bytesPerSecond: number): Promise<void> {
  const bytes = sendHead(response, answer);
  const step = Math.max(1, Math.floor(bytesPerSecond / 20));
  for (let sent = 0; sent < bytes.length && !response.destroyed; sent += step) {
    // First, since a client is done with the last byte.
    await pause((step / bytesPerSecond) * 1000);
    response.write(bytes.subarray(sent, sent + step));
  }
  response.end();
}

/** Keeps no process alive when the sandbox has been closed meanwhile. */
const pause = (ms: number) => sleep(ms, undefined, { ref: false });
