import { resolve } from 'node:path'

/** Node 24, a development dependency: runs TypeScript as it is, and the conformance suite. */
export const NEWER_NODE = resolve('node_modules/node/bin/node')
