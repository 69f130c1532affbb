/** Regular expressions: MongoDB's are PCRE's, of which JavaScript has most. */
import { Untried } from "../failures.ts";
import type { Regex } from "../values/values.ts";

const compiled = new WeakMap<Regex, RegExp>();

/** What PCRE has and JavaScript has not, or has with another meaning. */
const BEYOND = /\\[AZzGKRXQEhHNC]|\[\[:|\(\?(?:[>#&PR|+]|-?\d|[a-z]*-?[a-z]+[:)])|[+*?}]\+|\(\*|\\[gk]\{?[-+\d]/;

/** @throws {Untried} where it may mean something else here. */
export function regexOf(regex: Regex, flag: "" | "g" = ""): RegExp {
  const known = compiled.get(regex);
  if (known?.flags.includes("g") === (flag === "g") && known) return known;
  const made = make(regex, flag);
  compiled.set(regex, made);
  return made;
}

function make({ pattern, options }: Regex, flag: string): RegExp {
  // A flag that counts for all of the expression.
  const inFront = /^\(\?([ims]+)\)/.exec(pattern);
  const source = inFront ? pattern.slice(inFront[0].length) : pattern;
  const letters = new Set([...options, ...(inFront?.[1] ?? "")]);
  const odd = [...letters].find((letter) => !"imsu".includes(letter));
  if (odd !== undefined) throw new Untried(`a regular expression with the option ${odd}`);
  if (BEYOND.test(source))
    throw new Untried(`the regular expression ${JSON.stringify(pattern)}, since JavaScript may read it otherwise`);
  letters.delete("u");
  const flags = `${[...letters].join("")}${flag}`;
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    // Without `u`, more escapes than it knows are taken for what they stand in front of, as PCRE does.
  }
  try {
    return new RegExp(source, flags);
  } catch {
    throw new Untried(`the regular expression ${JSON.stringify(pattern)}, which JavaScript cannot read`);
  }
}
