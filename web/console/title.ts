import { computed, effect, signal } from '@preact/signals'
import { waiting } from './waiting.ts'

/** What the page that is shown is called. */
export const pageTitle = signal('')

const text = computed(() => {
  const count = waiting.value.length
  const page = pageTitle.value === '' ? '' : `${pageTitle.value} · `
  return `${count === 0 ? '' : `(${count}) `}${page}SSH MCP Bridge`
})

/** From now on the window is called as its page is, with how many requests wait before that. @returns how to stop. */
export function keepTitle(): () => void {
  return effect(() => {
    document.title = text.value
  })
}
