/** Many texts, all looked for in one pass: how long that takes depends on the text, and hardly on how many there are. */
import type { SecretPart } from "./parts.ts";

/** A text to look for, and the secret that it is a form of. */
interface Needle {
  text: string;
  secret: string;
  uses: number;
}

/** Units from which a needle's slot is made; no needle is shorter. */
const BEGINNING = 4;
const SLOTS = 1 << 16;

export class Needles {
  readonly #slots = new Map<number, Needle[]>();
  /** Which slots there are: asked at every place of a text, so it has to be quick. */
  readonly #isTaken = new Uint8Array(SLOTS);

  add(text: string, secret: string): void {
    const slot = slotAt(text);
    const needles = this.#slots.get(slot) ?? [];
    const known = needles.find((needle) => needle.text === text && needle.secret === secret);
    if (known) known.uses += 1;
    else this.#slots.set(slot, [...needles, { text, secret, uses: 1 }]);
    this.#isTaken[slot] = 1;
  }

  remove(text: string, secret: string): void {
    const slot = slotAt(text);
    const needles = this.#slots.get(slot) ?? [];
    const known = needles.find((needle) => needle.text === text && needle.secret === secret);
    if (!known || --known.uses > 0) return;
    const left = needles.filter((needle) => needle !== known);
    if (left.length > 0) this.#slots.set(slot, left);
    else {
      this.#slots.delete(slot);
      this.#isTaken[slot] = 0;
    }
  }

  /** Where the needles of secrets of at least `shortest` units stand in `text`; those that overlap count as one. */
  in(text: string, shortest: number): SecretPart[] {
    const found: SecretPart[] = [];
    this.#scan(text, shortest, (start, needle) => {
      const [last, end] = [found.at(-1), start + needle.text.length];
      if (last && start < last.end) last.end = Math.max(last.end, end);
      else found.push({ start, end });
    });
    return found;
  }

  /** The secrets whose needles stand in `text`. */
  secretsIn(text: string, shortest: number): Set<string> {
    const found = new Set<string>();
    this.#scan(text, shortest, (_, { secret }) => found.add(secret));
    return found;
  }

  #scan(text: string, shortest: number, visit: (start: number, needle: Needle) => void): void {
    let window = 0;
    for (let end = 0; end < text.length; end += 1) {
      window = withUnit(window, text, end);
      const slot = slotOf(window);
      const at = end - BEGINNING + 1;
      if (this.#isTaken[slot] === 0 || at < 0) continue;
      for (const needle of this.#slots.get(slot) ?? [])
        if (needle.secret.length >= shortest && text.startsWith(needle.text, at)) visit(at, needle);
    }
  }
}

/** The last units of a text as a number: each unit pushes out the fourth before it. */
const withUnit = (window: number, text: string, at: number) => (window << 8) ^ text.charCodeAt(at);

const slotOf = (window: number) => Math.imul(window, 0x9e3779b1) >>> 16;

function slotAt(text: string): number {
  let window = 0;
  for (let at = 0; at < BEGINNING; at += 1) window = withUnit(window, text, at);
  return slotOf(window);
}
