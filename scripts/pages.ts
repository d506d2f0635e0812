import { errorsPage } from './errors-page.ts'

/** Every generated page and its text. */
export const PAGES: Record<string, string> = {
  'docs/ERRORS.md': errorsPage(),
}
