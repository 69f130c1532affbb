/** The forms in which a text comes back from whoever echoes it, and what somebody reads out of them who tries. */

/** The forms in which a text comes back. */
export function encodings(text: string): string[] {
  const base64 = Buffer.from(text).toString("base64");
  return [
    text,
    JSON.stringify(text),
    JSON.stringify(JSON.stringify(text)),
    encodeURIComponent(text),
    new URLSearchParams({ text }).toString(),
    base64,
    Buffer.from(`x${text}`).toString("base64"),
    Buffer.from(`xy${text}`).toString("base64url"),
    base64.replace(/.{76}/g, "$&\r\n"),
    text.replace(/.{10}/g, "$&\n"),
  ];
}

/** What somebody can read out of `text` who tries the usual encodings. */
export function readings(text: string): string {
  const joined = text.replace(/(\\+r)?\\+n|\r?\n/g, "");
  const plain = [text, joined].flatMap((each) => {
    const once = unescaped(each);
    const twice = unescaped(once);
    return [each, once, twice, unescaped(twice), percentDecoded(each), percentDecoded(each.replaceAll("+", " "))];
  });
  return [...plain, ...plain.slice(0, 8).flatMap(base64Decoded)].join("\n");
}

const unescaped = (text: string) =>
  text.replace(/\\(?:u([0-9a-f]{4})|(.))/gs, (_, code, character) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : character,
  );
const percentDecoded = (text: string) =>
  text.replace(/(%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());
const base64Decoded = (text: string) =>
  [...text.matchAll(/[\w+/-]{12,}/g)].flatMap(([run]) =>
    [0, 1, 2, 3].flatMap((offset) => {
      const decoded = Buffer.from(run.slice(offset), "base64").toString();
      return [decoded, unescaped(decoded)];
    }),
  );
