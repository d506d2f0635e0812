import { Link } from './link.tsx'
import { Plain } from './plain.tsx'

export interface Right {
  readonly class: string
  readonly verdict: 'allow' | 'approve' | 'deny' | 'partly'
  readonly says: readonly {
    readonly rule: string
    readonly verdict: 'allow' | 'approve' | 'deny'
    readonly partly: boolean
    readonly from_somewhere: boolean
    readonly lacks_scope?: string
  }[]
}

export interface RightsRow {
  readonly key: string
  readonly name: preact.ComponentChildren
  readonly rights: readonly Right[]
}

const WORDS = { allow: 'yes', approve: 'asks', deny: 'no', partly: 'depends' } as const
const TONES = { allow: 'good', approve: 'warn', deny: 'soft', partly: 'warn' } as const

/** Rows × classes of actions, each cell with the rules that say so. */
export function RightsTable({
  label,
  first,
  rows,
  hasRules,
}: {
  label: string
  /** What the rows are. */
  first: string
  rows: readonly RightsRow[]
  hasRules: boolean
}) {
  const classes = rows[0]?.rights.map((right) => right.class) ?? []
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label={label}>
      <table class="rights">
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {classes.map((one) => (
              <th key={one} scope="col">
                {one}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.name}</th>
              {row.rights.map((right) => (
                <Cell key={right.class} right={right} hasRules={hasRules} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Cell({ right, hasRules }: { right: Right; hasRules: boolean }) {
  const { verdict, says } = right
  const last = says.at(-1)
  const isOpenEnded = last !== undefined && (last.partly || last.from_somewhere)
  return (
    <td>
      <strong class={TONES[verdict]}>{WORDS[verdict]}</strong>
      {says.map((said, index) => (
        <small key={said.rule} class="hint">
          {verdict === 'partly' || said.partly
            ? `${said.partly ? 'some' : index > 0 ? 'else' : 'all'} ${WORDS[said.verdict]}: `
            : ''}
          <Link to={`/rules#rule-${encodeURIComponent(said.rule)}`}>
            <Plain text={said.rule} />
          </Link>
          {said.lacks_scope !== undefined && ` with scope ${said.lacks_scope}`}
          {said.from_somewhere && ' from some networks'}
        </small>
      ))}
      {hasRules && says.length === 0 && <small class="hint">no rule</small>}
      {isOpenEnded && <small class="hint">else no</small>}
    </td>
  )
}

/** What the words of the table mean. */
export function RightsLegend() {
  return (
    <p class="soft">
      <strong class="good">yes</strong> at once · <strong class="warn">asks</strong> somebody has to approve ·{' '}
      <strong class="warn">depends</strong> on the command, the path, a scope or the network ·{' '}
      <strong>no</strong> denied. It is as of this moment: rules about hours change it.
    </p>
  )
}
