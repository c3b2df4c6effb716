/** The counts of a host at the end of a playbook. */
export interface Recap {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
}

/** Reads `PLAY RECAP`: `lobby : ok=9 changed=0 unreachable=0 failed=0 skipped=3 rescued=0 ignored=0`. */
export function recapOf(output: string): ReadonlyMap<string, Recap> {
  const [, text = ''] = output.split(/^PLAY RECAP \**$/m);
  const lines = text.matchAll(/^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/gm);
  return new Map(
    [...lines].map(([, host, ok, changed, unreachable, failed]) => [
      host!,
      { ok: Number(ok), changed: Number(changed), unreachable: Number(unreachable), failed: Number(failed) },
    ]),
  );
}
