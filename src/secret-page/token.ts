/** Names that cannot be guessed, compared in a time that tells nothing about them. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export class Token {
  /** 256 random bits, fit for a path and a form. */
  readonly text = randomBytes(32).toString("base64url");
  readonly #digest = digest(this.text);

  /** Compares digests: they are of one length and share no beginning with what was guessed. */
  is(text: string): boolean {
    return timingSafeEqual(this.#digest, digest(text));
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
