export interface ShippedPackage {
  /** In the lock file. */
  readonly path: string
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly licence: string
  /** As in the lock file: `sha512-` and Base64. Absent of what another package has inside itself. */
  readonly integrity?: string
  /** Installed where it can be: one platform's native part. */
  readonly optional: boolean
  /** Paths of those that it uses. */
  readonly needs: readonly string[]
  /** In the bundle, `dist/`. */
  readonly inside: boolean
  /** In `node_modules`, beside the bundle. */
  readonly beside: boolean
}

export function shippedPackages(): ShippedPackage[]

export function importedPackages(): string[]
