import { useId } from 'preact/hooks'
import { query, setQuery } from '../place.ts'

/** A field whose text is a part of the address: what it filters can be passed on as a link. The first page is shown again. */
export function Filter({
  name,
  label,
  list,
  hint,
}: {
  name: string
  label: string
  list?: readonly string[]
  hint?: string
}) {
  const id = useId()
  const value = query.value.get(name) ?? ''
  const change = (event: { currentTarget: { value: string } }) =>
    setQuery({ [name]: event.currentTarget.value, offset: undefined })
  return (
    <label htmlFor={id}>
      {label}
      {list === undefined ? (
        <input id={id} type="search" value={value} maxLength={256} onInput={change} />
      ) : (
        <select id={id} value={value} onChange={change}>
          <option value="">any</option>
          {list.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      )}
      {hint !== undefined && <small class="hint">{hint}</small>}
    </label>
  )
}
