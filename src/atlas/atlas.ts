/** The Atlas API as the tools use it: requests that carry credentials, and reads that are tried again. */
import type { Clock } from "../clock.ts";
import { type CredentialSettings, isLoopback, type Settings } from "../config/settings.ts";
import type { Mask } from "../mask.ts";
import { type Answer, failureOf, isSuccess, type RawAnswer, readAnswer } from "./answer.ts";
import { accessToken, type Credentials, missingCredentials } from "./credentials/credentials.ts";
import { digest } from "./credentials/digest.ts";
import { serviceAccount } from "./credentials/service-account.ts";
import { type AtlasRequest, headersOf } from "./endpoints.ts";
import type { ExchangeLimits } from "./exchange.ts";
import { ExchangeFailure } from "./exchange-failure.ts";
import { AtlasFailure } from "./failure.ts";
import { createHttp, type Http, type OnAttempt, type SendOptions } from "./http.ts";
import { retryRead } from "./retry.ts";

export interface Atlas {
  readonly clock: Clock;
  /** Limit of one attempt, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Sends `request` once, and once more where the credentials had to be renewed first: a 401 means that Atlas did
   * not act. Resolves with a 2xx answer.
   * @throws {AtlasFailure} `Unsent` wraps it where Atlas has not seen the request itself, or not with its authorization.
   */
  attempt(request: AtlasRequest, limits: ExchangeLimits): Promise<Answer>;
  /**
   * Sends a read, again after failures that may pass, within one and a half times `timeoutMs` in all. Resolves with a
   * 2xx answer.
   * @throws {AtlasFailure} the last failure.
   */
  read(request: AtlasRequest, signal: AbortSignal): Promise<Answer>;
  /** The same Atlas, with every attempt made through it reported to `onAttempt`, behind `gate` where one is given. */
  observedBy(onAttempt: OnAttempt, gate?: Gate): Atlas;
  /**
   * Whether these writes would pass the gate, each as it would be after those before it.
   * @throws {AtlasFailure} for the first that would not.
   */
  permit(requests: readonly AtlasRequest[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A read that the gate makes itself, which does not pass it. @throws {AtlasFailure} */
export type ReadPast = (request: AtlasRequest) => Promise<Answer>;

/** What stands between the tools and Atlas. */
export interface Gate {
  /**
   * Asked before a request leaves; nothing to wait for where it may at once.
   * @throws {AtlasFailure} and the request does not leave.
   */
  pass(request: AtlasRequest, read: ReadPast): Promise<void> | undefined;
  /** The same for writes that are not sent yet. */
  permit(requests: readonly AtlasRequest[], read: ReadPast): Promise<void>;
  /** The answer as it may be seen. */
  seen(request: AtlasRequest, answer: Answer): Answer;
}

interface Dependencies {
  settings: Pick<Settings, "credentials" | "baseUrl" | "timeoutMs" | "proxies">;
  clock: Clock;
  onToken: (token: string) => void;
  /** Hides secrets in what Atlas says of a failure. */
  mask: Mask;
  /** Told of attempts that belong to no single call, which are those for a token. */
  onAttempt?: OnAttempt;
  /** Stands before whatever belongs to no single call. */
  gate?: Gate | undefined;
}

export function createAtlas({ settings, clock, onToken, mask, onAttempt, gate: outer }: Dependencies): Atlas {
  const { baseUrl, timeoutMs } = settings;
  // A loopback host is this machine: no proxy stands in between.
  const proxy = settings.proxies.length > 0 && !isLoopback(new URL(baseUrl).hostname);
  const http = createHttp({ origin: baseUrl, proxy, onAttempt });
  const credentials = createCredentials(settings.credentials, { http, clock, timeoutMs, onToken, mask });

  const atlasWith = (observer: OnAttempt | undefined, gate: Gate | undefined): Atlas => {
    const past =
      (signal: AbortSignal): ReadPast =>
      (request) =>
        retried(send, request, signal);

    async function attempt(request: AtlasRequest, limits: ExchangeLimits): Promise<Answer> {
      if (!gate) return send(request, limits);
      await beforeSending(async () => gate.pass(request, past(limits.signal)));
      return gate.seen(request, await send(request, limits));
    }

    async function send(request: AtlasRequest, limits: ExchangeLimits): Promise<Answer> {
      const raw = await sendAuthorized(http, credentials, request, { ...limits, onAttempt: observer }, clock);
      const answer = readAnswer(raw, request);
      if (!isSuccess(answer)) throw failureOf(answer, clock.now(), mask, request.operation);
      return answer;
    }

    return {
      clock,
      timeoutMs,
      attempt,
      read: (request, signal) => retried(attempt, request, signal),
      observedBy: (onAttempt, own = gate) => atlasWith(onAttempt, own),
      permit: async (requests, signal) => gate?.permit(requests, past(signal)),
      close: () => http.close(),
    };
  };
  return atlasWith(undefined, outer);

  function retried(attempt: Atlas["attempt"], request: AtlasRequest, signal: AbortSignal): Promise<Answer> {
    const attemptRead = (limitMs: number) =>
      attempt(request, { signal, timeoutMs: limitMs }).catch((error: unknown) => {
        throw unwrapped(error);
      });
    return retryRead(attemptRead, { clock, timeoutMs, signal });
  }
}

function createCredentials(
  settings: CredentialSettings,
  dependencies: Parameters<typeof serviceAccount>[1],
): Credentials {
  switch (settings.kind) {
    case "service-account":
      return serviceAccount(settings, dependencies);
    case "access-token":
      return accessToken(settings.token);
    case "api-key":
      return digest(settings);
    case "missing":
      return missingCredentials(settings.problem);
  }
}

/** A failure before the request itself was sent: there were no credentials for it, no connection, or no challenge yet. */
export class Unsent extends Error {
  override name = "Unsent";
  readonly failure: AtlasFailure;

  constructor(failure: AtlasFailure) {
    super(failure.message, { cause: failure });
    this.failure = failure;
  }
}

/** The failure that `error` is or wraps; anything else is a defect and thrown on. */
export function unwrapped(error: unknown): AtlasFailure {
  if (error instanceof Unsent) return error.failure;
  if (error instanceof AtlasFailure) return error;
  throw error;
}

async function sendAuthorized(
  http: Http,
  credentials: Credentials,
  request: AtlasRequest,
  options: SendOptions,
  clock: Clock,
): Promise<RawAnswer> {
  const send = async (sending: AtlasRequest, authorization: string | undefined, attempt: number) => {
    const { method, path, body } = sending;
    const headers = { ...headersOf(sending), ...(authorization !== undefined && { authorization }) };
    try {
      const answer = await http.send(
        { method, path, headers, ...(body !== undefined && { body: JSON.stringify(body) }) },
        options,
      );
      return { answer, sendAgain: credentials.learn(authorization, answer, attempt) };
    } catch (error) {
      credentials.learn(authorization, undefined, attempt);
      // Without authorization it was there to be challenged, and Atlas cannot have acted on it.
      const isUnsent = error instanceof ExchangeFailure && (!error.sent || authorization === undefined);
      throw isUnsent ? new Unsent(error) : error;
    }
  };

  const authorize = () => withinLimit(credentials.authorize(request, options.signal), options.timeoutMs, clock);
  for (let attempt = 1; ; attempt += 1) {
    const authorization = await beforeSending(async () => {
      const known = await authorize();
      if (known !== undefined || request.body === undefined) return known;
      // Atlas has to challenge first. A read of the same path obtains the challenge, so that a body with secrets is
      // sent only when it counts, and a write without authorization can never be acted on.
      const { sendAgain } = await send({ ...request, method: "GET", body: undefined }, undefined, 1);
      return sendAgain ? authorize() : undefined;
    });
    const { answer, sendAgain } = await send(request, authorization, attempt);
    if (!sendAgain) return answer;
  }
}

/** A token serves many calls and has its own time limit. A call with less time does not wait for that long. */
function withinLimit<T>(credentials: Promise<T>, timeoutMs: number, clock: Clock): Promise<T> {
  let stop = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    const message = `No credentials could be obtained within ${timeoutMs} ms`;
    stop = clock.after(timeoutMs, () => reject(new AtlasFailure("timeout", message, { retryable: true })));
  });
  return Promise.race([credentials, late]).finally(() => stop());
}

/** Whatever fails in `step` fails before the request itself was sent. */
async function beforeSending<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof AtlasFailure ? new Unsent(error) : error;
  }
}
