/** One-time pages on the loopback interface on which a person types secrets that the model must not see. */
import { type Clock, systemClock } from "../clock.ts";
import { type Listener, listen } from "./listener.ts";
import { type EndedPage, OpenPage } from "./open-page.ts";
import type { SecretAnswer, SecretRequest } from "./request.ts";
import { type Site, serve } from "./serve.ts";
import { Token } from "./token.ts";

export type { SecretAnswer, SecretField, SecretRequest } from "./request.ts";

export interface SecretPage {
  url: string;
  answer: Promise<SecretAnswer>;
  /** The call has ended: the page goes, and its answer is `cancelled` unless it has one. */
  close(): void;
}

export interface SecretPagesOptions {
  /** Pages that may be open at once; default 4. */
  most?: number;
  clock?: Clock;
  /** Told of every value before anything else sees it, so that it can be masked. */
  onSecret: (values: Iterable<string>) => void;
}

export class TooManyPages extends Error {
  override name = "TooManyPages";
}

const defaultLifetimeMs = 5 * 60_000;

/**
 * How long the server stays after its last page: whoever reloads, goes back or submits too late reads what happened
 * instead of the browser's error, and no other program can take the port and be sent that form.
 */
const farewellMs = 60_000;

export class SecretPages {
  readonly #most: number;
  readonly #clock: Clock;
  readonly #onSecret: SecretPagesOptions["onSecret"];
  readonly #open = new Map<OpenPage, () => void>();
  #ended: EndedPage[] = [];
  #listener: Promise<Listener> | undefined;
  #cancelFarewell: () => void = () => {};
  #closed = false;

  constructor({ most = 4, clock = systemClock, onSecret }: SecretPagesOptions) {
    this.#most = most;
    this.#clock = clock;
    this.#onSecret = onSecret;
  }

  /**
   * Serves a page for `request`. Nothing of it keeps the process from ending.
   * @throws {TooManyPages}
   * @throws {Error} where no page can be served.
   */
  async open(request: SecretRequest): Promise<SecretPage> {
    if (this.#closed) throw new Error("No page can be opened any more: the server is ending");
    if (request.fields.length === 0) throw new Error("A page must ask for at least one secret");
    if (this.#open.size >= this.#most)
      throw new TooManyPages(
        `${this.#most} pages that ask for secrets are open already; one of them must be answered or cancelled first`,
      );
    const { page, answer } = this.#add(request);
    try {
      const { origin } = await this.#listening();
      return {
        url: `${origin}/${page.token.text}`,
        answer,
        close: () => void this.#end(page, { kind: "cancelled" }),
      };
    } catch (error) {
      this.#end(page, { kind: "cancelled" });
      throw error;
    }
  }

  /** Ends every page, as cancelled, and the server. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const page of this.#open.keys()) this.#end(page, { kind: "cancelled" });
    await this.#stop();
  }

  /** Counted before it is served, so that no other page takes its place and the server does not go under it. */
  #add(request: SecretRequest): { page: OpenPage; answer: Promise<SecretAnswer> } {
    const { lifetimeMs = defaultLifetimeMs } = request;
    let settle: (answer: SecretAnswer) => void = () => {};
    const answer = new Promise<SecretAnswer>((resolve) => {
      settle = resolve;
    });
    const page = new OpenPage(request, this.#clock.now() + lifetimeMs, settle);
    this.#cancelFarewell();
    const expire = () => this.#end(page, { kind: "expired" });
    this.#open.set(page, this.#clock.after(lifetimeMs, expire));
    return { page, answer };
  }

  #end(page: OpenPage, answer: SecretAnswer): boolean {
    const cancelExpiry = this.#open.get(page);
    if (!cancelExpiry) return false;
    cancelExpiry();
    this.#open.delete(page);
    page.settle(answer);
    if (this.#open.size === 0) this.#cancelFarewell = this.#clock.after(farewellMs, () => void this.#stop());
    return true;
  }

  /** The one server, started for the first page. */
  #listening(): Promise<Listener> {
    this.#listener ??= listen((origin) => {
      const site = this.#site(origin);
      return (request, response) => serve(site, request, response);
    }).catch((error: unknown) => {
      this.#listener = undefined;
      throw error;
    });
    return this.#listener;
  }

  async #stop(): Promise<void> {
    this.#cancelFarewell();
    this.#ended = [];
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.then(
      ({ close }) => close(),
      () => {},
    );
  }

  /** What the requests that arrive at `origin` can find and do. */
  #site(origin: string): Site {
    const now = () => this.#clock.now();
    return {
      origin,
      onSecret: this.#onSecret,
      remainingMs: ({ deadline }) => deadline - now(),
      open: (name) => {
        // The timer stands still while the computer sleeps; the clock does not.
        for (const page of this.#open.keys()) if (page.deadline <= now()) this.#end(page, { kind: "expired" });
        // Every page is compared with, so that the time it takes tells nothing.
        return [...this.#open.keys()].filter(({ token }) => token.is(name))[0];
      },
      ended: (name) => this.#ended.filter(({ token, until }) => token.is(name) && until > now())[0],
      finish: (page, answer) => {
        const { name } = page.request.connection;
        if (!this.#end(page, answer)) return undefined;
        const ended = { token: new Token(), kind: answer.kind, connection: name, until: now() + farewellMs };
        this.#ended = [...this.#ended.filter(({ until }) => until > now()), ended];
        return ended.token;
      },
    };
  }
}
