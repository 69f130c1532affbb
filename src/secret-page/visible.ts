/**
 * Names and hosts as a person must see them to trust them. They come from an agent, which may have been misled: what
 * cannot be seen or turns a text around is written out.
 */

const invisible = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;
/** Letters of other scripts look like Latin ones; a host is plain ASCII, or punycode. */
const notAscii = /[^ -~]/gu;

export const visibleName = (name: string) => name.replace(invisible, writtenOut);

/** The hosts of a comma-separated list. */
export const visibleHosts = (hosts: string) =>
  hosts
    .split(",")
    .map((host) => host.trim().replace(notAscii, writtenOut))
    .filter((host) => host !== "");

function writtenOut(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
