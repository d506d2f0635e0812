// The package names a file that it does not have as its module, so the one it has is named in full.
declare module '@xterm/headless/lib-headless/xterm-headless.mjs' {
  export { Terminal } from '@xterm/headless'
}
