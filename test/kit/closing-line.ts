import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with what passed at its second try only, and with one plain line, `N passed, N failed, N skipped`, that any tool can read. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = (state: 'passed' | 'failed' | 'skipped') =>
      modules.flatMap(({ children }) => [...children.allTests(state)])
    // A file that could not be loaded ran no test, and is a failure all the same.
    const broken = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0,
    )
    for (const test of all('passed'))
      if (test.diagnostic()?.flaky)
        console.log(`\nPassed at the second try: ${test.module.relativeModuleId} > ${test.fullName}`)
    console.log(
      `\n${all('passed').length} passed, ${all('failed').length + broken.length} failed, ${all('skipped').length} skipped`,
    )
  }
}
