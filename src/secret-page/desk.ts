/**
 * Secrets that a person types on a one-time page, so that the agent does not see them: which page belongs to which call,
 * and how it ended. The page's code is loaded when the first page is served.
 */
import { AtlasFailure } from "../atlas/failure.ts";
import type { Clock } from "../clock.ts";
import { isObject, type Path } from "../json.ts";
import { InvalidInput } from "../schema/notes.ts";
import type { SecretPage, SecretPages } from "./pages.ts";
import { type CallIdentity, PersonNeeded, type PersonReply, type SecretQuestion, type TypedSecret } from "./person.ts";

interface WaitingQuestion {
  page: SecretPage;
  /** Digest of the tool and its arguments: what is typed is good for that call only. */
  call: string;
  /** Where each field of the page belongs. */
  paths: readonly Path[];
}

type KeepSecrets = (secrets: Iterable<string>) => void;

/** What was submitted is kept this long for its call, in milliseconds. */
const UNCLAIMED_MS = 5 * 60_000;

export class SecretDesk {
  readonly #keep: KeepSecrets;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, WaitingQuestion>();
  #pages: Promise<SecretPages> | undefined;

  /** `keep` masks values from then on. */
  constructor(keep: KeepSecrets, clock: Clock) {
    this.#keep = keep;
    this.#clock = clock;
  }

  /** @throws {InvalidInput} where no page can be served. */
  async ask(identity: CallIdentity, { request, paths }: SecretQuestion): Promise<PersonNeeded> {
    const call = await digest(identity);
    this.#pages ??= import("./pages.ts").then(
      ({ SecretPages }) => new SecretPages({ clock: this.#clock, onSecret: this.#keep }),
    );
    const page = await (await this.#pages).serve(request).catch((error: unknown) => {
      throw new InvalidInput(
        paths.map((path) => ({ path, message: "is required, and no page could be served to ask a person for it" })),
        error instanceof Error ? `${error.message}. Nothing was sent.` : undefined,
      );
    });
    const state = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
    this.#waiting.set(state, { page, call, paths });
    const submitted = new Promise<void>((resolve) => {
      void page.ended.then((end) => {
        if (end.kind !== "submitted") return this.#waiting.delete(state);
        resolve();
        return this.#clock.after(UNCLAIMED_MS, () => this.#waiting.delete(state));
      });
    });
    const { name, type } = request.connection;
    const what = request.fields.map(({ label }) => label).join(", ");
    const message = `Type the secrets of the ${type} connection "${name}" (${what}) on a page on this computer. The assistant does not see them.`;
    return new PersonNeeded({ url: page.url, message, state, submitted });
  }

  /**
   * What the person typed; waits until they have. `keepSecret` masks it from then on.
   * @throws {InvalidInput} for a state that is not one of this process, of another call, used or expired.
   * @throws {AtlasFailure} of kind `cancelled`, where the person did not.
   */
  async typed(
    { state, action }: PersonReply,
    identity: CallIdentity,
    { signal, keepSecret }: { signal: AbortSignal; keepSecret: (secrets: Iterable<string>) => void },
  ): Promise<readonly TypedSecret[]> {
    const call = await digest(identity);
    const question = this.#waiting.get(state);
    this.#waiting.delete(state);
    if (action !== "accept") {
      question?.page.close();
      throw new AtlasFailure("cancelled", `${endings[action]}; nothing was created or changed`);
    }
    if (question?.call !== call) {
      question?.page.close();
      throw new InvalidInput(
        [
          {
            path: ["requestState"],
            message: "does not belong to a page of this call that waits for a person: it was used, changed, or expired",
          },
        ],
        "Call again without requestState to ask the person again; nothing was sent.",
      );
    }
    const { page, paths } = question;
    const close = () => page.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    const end = await page.ended;
    signal.removeEventListener("abort", close);
    if (end.kind === "submitted") {
      keepSecret(end.values.values());
      return paths.flatMap((path, index) => {
        const value = end.values.get(String(index));
        return value === undefined ? [] : [{ path, value }];
      });
    }
    throw new AtlasFailure("cancelled", `${endings[end.kind]}; nothing was created or changed`);
  }

  async close(): Promise<void> {
    await (await this.#pages)?.close();
  }
}

const endings = {
  decline: "The person declined to open the page for the secret",
  cancel: "The person closed the question for the secret",
  cancelled: "The person cancelled on the page for the secret",
  expired: "Nobody filled in the page for the secret in time",
};

async function digest({ tool, args }: CallIdentity): Promise<string> {
  const call = new TextEncoder().encode(JSON.stringify([tool, canonical(args)]));
  return Buffer.from(await crypto.subtle.digest("SHA-256", call)).toString("hex");
}

/** The same for arguments that differ only in the order of their keys, which clients do not promise to keep. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, canonical(inner)]);
}

/** From one message to the next, in milliseconds. */
const TOLD_EVERY_MS = 10_000;

/**
 * What `work` gives. Meanwhile, `progress` is told how long the wait has been: many clients give up a call that is
 * silent for a minute.
 */
export async function toldWhileWaiting<T>(
  work: Promise<T>,
  clock: Clock,
  progress: ((message: string) => void) | undefined,
): Promise<T> {
  if (!progress) return work;
  const began = clock.now();
  const tell = () => {
    progress(`Waiting for a person to type the secrets: ${Math.round((clock.now() - began) / 1000)} s so far`);
    stop = clock.after(TOLD_EVERY_MS, tell);
  };
  let stop = clock.after(TOLD_EVERY_MS, tell);
  try {
    return await work;
  } finally {
    stop();
  }
}
