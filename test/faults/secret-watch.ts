/**
 * Finds secrets in output, also in part and in disguise: every run of a few characters of every form of a secret is
 * known, and the output is searched for all of them at once. Only random secrets can be watched so: a run of a word
 * that has other reasons to be there would be found as well.
 */

/** Characters in a row that give a secret away. Two random texts share so many by chance less than once in 10^16. */
const RUN = 10;

export class SecretWatch {
  readonly #secrets = new Map<string, string>();

  /** Watches for `secret`, and calls what is found of it by `owner`. */
  add(secret: string, owner: string): void {
    this.#secrets.set(secret, owner);
  }

  /** The owners of the secrets that can be seen in `output`. */
  seenIn(output: string): Set<string> {
    const runs = new Map<string, string>();
    for (const [secret, owner] of this.#secrets)
      for (const form of formsOf(secret))
        for (let at = 0; at + RUN <= form.length; at += 1) runs.set(form.slice(at, at + RUN), owner);
    const seen = new Set<string>();
    // A second look with the line breaks taken out, real and escaped ones, finds what was broken over lines.
    for (const text of [output, output.replace(/\\+[rn]|[\r\n]/g, "")])
      for (let at = 0; at + RUN <= text.length; at += 1) {
        const owner = runs.get(text.slice(at, at + RUN));
        if (owner !== undefined) seen.add(owner);
      }
    return seen;
  }
}

function formsOf(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  // Base64 of a longer text holds one of three forms, by how the secret's bytes fall into its groups of three.
  const inBase64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .slice(offset === 0 ? 0 : 4, bytes.length < 6 ? 0 : -4),
  );
  return [
    secret,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    encodeURIComponent(secret),
    ...inBase64,
    ...inBase64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}
