/** Changes that take the sandbox a while. */

/** Runs `change` after `ms`: at once for 0, never for Infinity. The timer keeps no process alive. */
export function after(ms: number, change: () => void): void {
  if (ms <= 0) change();
  else if (Number.isFinite(ms)) setTimeout(change, ms).unref();
}
