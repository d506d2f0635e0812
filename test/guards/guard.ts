/** A check in the product without which something bad would get through, and the test that is red without it. */
export interface Guard {
  /** As in the comment `// guard: NAME` above it. */
  readonly name: string
  readonly file: string
  /** The text that is it, once in the file, and what stands in its place when it is switched off. */
  readonly from: string
  readonly to: string
  /** The test file, and a part of the title of the test in it. */
  readonly test: string
  readonly title: string
  /** The test starts the built product. */
  readonly needsBuild?: true
}
