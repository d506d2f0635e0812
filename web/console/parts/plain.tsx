/** Characters that show nothing, change the direction of what follows, or steer a terminal; a line break and a tab are neither. */
const UNSEEN =
  /[^\P{Cc}\n\t]|\p{Cf}|\p{Zl}|\p{Zp}|\p{Co}|\p{Cs}|\p{Variation_Selector}|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu

/** Text of somebody else's: what cannot be seen is shown by its number, so that nothing hides in it and nothing turns it around. */
export function Plain({ text }: { text: string }) {
  const pieces: preact.ComponentChildren[] = []
  let from = 0
  for (const match of text.matchAll(UNSEEN)) {
    pieces.push(text.slice(from, match.index))
    pieces.push(
      <span class="unseen" title="A character that cannot be seen">
        {`U+${(match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`}
      </span>,
    )
    from = match.index + match[0].length
  }
  pieces.push(text.slice(from))
  return <bdi>{pieces}</bdi>
}

/** A command, or another text of several lines, exactly as it is. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section class="code" tabIndex={0} aria-label={label}>
      <Plain text={text} />
    </section>
  )
}
