/** One-time pages on the loopback interface on which a person types secrets that the model must not see. */
import { type Clock, systemClock } from "../clock.ts";
import { type Confirmation, type PageEnd, type SecretRequest, ServedPage, Token } from "./page.ts";
import { type Listener, listen, type Site } from "./server.ts";

export type { PageEnd, SecretField, SecretRequest } from "./page.ts";

export interface SecretPage {
  url: string;
  ended: Promise<PageEnd>;
  /** Takes the page away when its call ends. A page that still waits then counts as cancelled. */
  close(): void;
}

export interface SecretPagesOptions {
  /** How many pages may be served at once; default 4. */
  most?: number;
  clock?: Clock;
  /** Told of every value before anything else sees it, so that it can be masked. */
  onSecret: (values: Iterable<string>) => void;
}

export class TooManyPages extends Error {
  override name = "TooManyPages";
}

/**
 * How long the server outlives its last page. Someone who reloads, goes back or submits too late then reads what
 * happened instead of the browser's error page, and no other program can take the port and be sent that form.
 */
const FAREWELL_MS = 60_000;

export class SecretPages {
  readonly #most: number;
  readonly #clock: Clock;
  /** With what cancels the expiry of each. */
  readonly #served = new Map<ServedPage, () => void>();
  readonly #site: Site;
  #confirmations: Confirmation[] = [];
  #listener: Promise<Listener> | undefined;
  #cancelFarewell: () => void = () => {};
  #closed = false;

  constructor({ most = 4, clock = systemClock, onSecret }: SecretPagesOptions) {
    this.#most = most;
    this.#clock = clock;
    this.#site = {
      onSecret,
      page: (name) => this.#find(name),
      confirmation: (name) => named(name, this.#currentConfirmations()),
      finish: (page, end) => this.#finish(page, end),
    };
  }

  /**
   * Serves a page for `request`. Nothing about it keeps the process alive.
   * @throws {TooManyPages}
   * @throws {Error} where no page can be served.
   */
  async serve(request: SecretRequest): Promise<SecretPage> {
    if (this.#closed) throw new Error("No page can be served any more: the server is ending");
    if (request.fields.length === 0) throw new Error("A page must ask for at least one secret");
    if (this.#served.size >= this.#most)
      throw new TooManyPages(
        `${this.#most} pages that ask for secrets are waiting already; a person has to fill in or cancel one of them first`,
      );
    const page = this.#add(request);
    const close = () => void this.#end(page, { kind: "cancelled" });
    try {
      const { origin } = await this.#listening();
      return { url: `${origin}/${page.token.text}`, ended: page.ended, close };
    } catch (error) {
      close();
      throw error;
    }
  }

  /** Cancels every page and stops the server. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const page of this.#served.keys()) this.#end(page, { kind: "cancelled" });
    await this.#stop();
  }

  /** Comes before the server starts: so the page counts at once, and the server cannot stop under it. */
  #add(request: SecretRequest): ServedPage {
    const page = new ServedPage(request, this.#clock);
    this.#cancelFarewell();
    const expire = () => this.#end(page, { kind: "expired" });
    this.#served.set(page, this.#clock.after(page.remainingMs, expire));
    return page;
  }

  #find(name: string): ServedPage | undefined {
    // While the computer sleeps, timers stand still and the clock goes on.
    for (const page of this.#served.keys()) if (page.remainingMs <= 0) this.#end(page, { kind: "expired" });
    return named(name, [...this.#served.keys()]);
  }

  /** Ends a page as a person chose, and returns the path of its confirmation. */
  #finish(page: ServedPage, end: Exclude<PageEnd, { kind: "expired" }>): Token | undefined {
    if (!this.#end(page, end)) return undefined;
    const token = new Token();
    const { name } = page.request.connection;
    const until = this.#clock.now() + FAREWELL_MS;
    this.#confirmations = [...this.#currentConfirmations(), { token, kind: end.kind, connection: name, until }];
    return token;
  }

  #currentConfirmations(): Confirmation[] {
    return this.#confirmations.filter(({ until }) => until > this.#clock.now());
  }

  /** Returns whether the page was still waiting. */
  #end(page: ServedPage, end: PageEnd): boolean {
    const cancelExpiry = this.#served.get(page);
    if (!cancelExpiry) return false;
    cancelExpiry();
    this.#served.delete(page);
    page.end(end);
    if (this.#served.size === 0) this.#cancelFarewell = this.#clock.after(FAREWELL_MS, () => void this.#stop());
    return true;
  }

  /** All pages share one server, which starts with the first. */
  #listening(): Promise<Listener> {
    this.#listener ??= listen(this.#site).catch((error: unknown) => {
      this.#listener = undefined;
      throw error;
    });
    return this.#listener;
  }

  async #stop(): Promise<void> {
    this.#cancelFarewell();
    this.#confirmations = [];
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.then(
      ({ close }) => close(),
      () => {},
    );
  }
}

/** Compares with every page, so that the time it takes tells nothing. */
function named<Page extends { token: Token }>(name: string, pages: readonly Page[]): Page | undefined {
  return pages.filter(({ token }) => token.is(name))[0];
}
