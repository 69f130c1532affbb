/** Other versions of Node, as npm packages. */
import { join } from "node:path";

/** The package with the binary itself: `node` would fetch it in an install script, which npm may be told not to run. */
const binaries = `node-${process.platform}-${process.arch}`;

const alias = (major: number) => `node${major}`;

/** What to give `npm install` for the newest Node of that major version. */
export const nodePackage = (major: number) => `${alias(major)}@npm:${binaries}@${major}`;

/** The binary, once the package is installed in `folder`. */
export const nodeBinary = (folder: string, major: number) => join(folder, "node_modules", alias(major), "bin", "node");
