/** The requests under way: from the guard to the protocol, with the services of their caller, until the server ends. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { AtlasFailure } from "../atlas/failure.ts";
import type { HttpHandler } from "../protocol/http.ts";
import { isRequest, type JsonRpcMessage, type RequestResult } from "../protocol/messages.ts";
import type { Guard } from "./guard.ts";
import type { ServiceSets } from "./services.ts";

interface Dependencies {
  guard: Guard;
  handler: HttpHandler;
  sets: ServiceSets;
  /** Told of each result, and of the seconds that it took. */
  onResult(message: JsonRpcMessage, result: RequestResult, seconds: number): void;
}

interface UnderWay {
  message: JsonRpcMessage;
  response: ServerResponse;
  stop: AbortController;
  ended: Promise<void>;
}

export class Exchanges {
  readonly #dependencies: Dependencies;
  readonly #underWay = new Set<UnderWay>();
  #state: "open" | "ending" | "closed" = "open";

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** How many are under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /** Answers a request. Resolves when nothing works on it any more. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { guard, handler, sets, onResult } = this.#dependencies;
    if (this.#state !== "open") response.setHeader("Connection", "close");
    const admitted = await guard.admit(request, response);
    if (!admitted) return;
    const { message, bearer: caller, end } = admitted;
    // What comes so late could not be brought to its end.
    if (this.#state === "closed") {
      end();
      return void response.writeHead(503, { "Retry-After": "1" }).end();
    }
    const lease = sets.lease(caller);
    const began = performance.now();
    const stop = new AbortController();
    const ended = handler
      .handle(request, response, {
        message,
        services: lease.services,
        caller,
        stop,
        onResult: (result) => onResult(message, result, (performance.now() - began) / 1000),
      })
      .finally(() => {
        this.#underWay.delete(exchange);
        lease.end();
        end();
      });
    const exchange: UnderWay = { message, response, stop, ended };
    this.#underWay.add(exchange);
    await ended;
  }

  /** No more connections are kept for further requests. Resolves once no call is under way. */
  async end(): Promise<void> {
    this.#state = "ending";
    for (const { response } of this.#underWay) if (!response.headersSent) response.setHeader("Connection", "close");
    await this.#callsEnded();
  }

  /** Takes no more requests, and cancels those under way. Resolves once they and what they leave behind have ended. */
  async close(): Promise<void> {
    this.#state = "closed";
    for (const { stop } of this.#underWay) stop.abort(new AtlasFailure("cancelled", "The server is ending"));
    const { sets, handler } = this.#dependencies;
    // A call that was cancelled leaves behind what has to be found out, so that is known only when it has ended.
    await Promise.allSettled([...sets.all.map(({ restarts }) => restarts.end()), this.#callsEnded()]);
    await Promise.allSettled(sets.all.flatMap(({ abandoned }) => [...abandoned]));
    await handler.close();
  }

  /** Subscriptions end only with the server. */
  async #callsEnded(): Promise<void> {
    const calls = () => [...this.#underWay].filter(({ message }) => !isSubscription(message));
    for (let left = calls(); left.length > 0; left = calls()) await Promise.allSettled(left.map(({ ended }) => ended));
  }
}

const isSubscription = (message: JsonRpcMessage) => isRequest(message) && message.method === "subscriptions/listen";
