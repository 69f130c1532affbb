/** What the pictures in docs/ have in common. */

/** Escapes text for use in an SVG. */
export const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** An SVG document; screen readers read the title. */
export function svg({ width, height, title }: { width: number; height: number; title: string }, content: string) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(title)}</title>
${content}
</svg>
`;
}
