/** Name and version of the package, from `package.json`, their only home. */
import manifest from "../package.json" with { type: "json" };

export const { name: packageName, version: packageVersion } = manifest;
