import { query } from '../../place.ts'

/** Who a question is about, in a form: their names are those of the views' query. */
export function WhoFields() {
  const given = (name: string) => query.value.get(name) ?? ''
  return (
    <>
      <label>
        Person
        <input name="person" defaultValue={given('person')} maxLength={320} />
        <small class="hint">A person of the configuration, an e-mail address, an API key, a subject</small>
      </label>
      <label>
        …or role
        <input name="role" defaultValue={given('role')} maxLength={320} />
        <small class="hint">Somebody who has this role</small>
      </label>
      <label>
        Groups
        <input name="groups" defaultValue={given('groups')} maxLength={4096} />
        <small class="hint">That their token would carry: the bridge does not know before they come</small>
      </label>
      <label>
        Scopes
        <input name="scopes" defaultValue={given('scopes')} maxLength={4096} />
        <small class="hint">Of their token; the usual ones when empty</small>
      </label>
    </>
  )
}

/** What a form holds, for the address: empty fields and boxes that are not ticked are taken out of it. */
export function valuesOf(
  form: HTMLFormElement,
  names: readonly string[],
): Record<string, string | undefined> {
  const data = new FormData(form)
  return Object.fromEntries(names.map((name) => [name, String(data.get(name) ?? '').trim() || undefined]))
}
