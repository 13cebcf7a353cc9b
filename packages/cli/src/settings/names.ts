/** `labelSmoothing` → `label-smoothing`: as flags and configuration files spell it. */
export function kebab(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
