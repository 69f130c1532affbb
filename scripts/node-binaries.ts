/** Other versions of Node, installed from npm. */
import { join } from "node:path";

/** The package that holds the binary. The package `node` fetches it in an install script, and npm may not run those. */
const binaries = `node-${process.platform}-${process.arch}`;

const alias = (major: number) => `node${major}`;

/** The argument of `npm install` for the newest Node of a major version. */
export const nodePackage = (major: number) => `${alias(major)}@npm:${binaries}@${major}`;

/** The path of the binary, once the package is installed in `folder`. */
export const nodeBinary = (folder: string, major: number) => join(folder, "node_modules", alias(major), "bin", "node");
