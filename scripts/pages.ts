import { configJsonSchema } from '../src/config/json-schema.ts'
import { configurationPage } from '../src/config/reference.ts'
import { auditPage } from './audit-page.ts'
import { benchmarksPage } from './benchmarks-page.ts'
import { doctorPage } from './doctor-page.ts'
import { errorsPage } from './errors-page.ts'
import { guardsPage } from './guards-page.ts'
import { licencesPage } from './licences-page.ts'
import { metricsPage } from './metrics-page.ts'
import { readsPage } from './reads-page.ts'
import { serverJson } from './server-json.ts'
import { toolsPage } from './tools-page.ts'

/** Every generated page and its text. */
export const PAGES: Record<string, string> = {
  'docs/CONFIGURATION.md': configurationPage(),
  'docs/config.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  'docs/ERRORS.md': errorsPage(),
  'docs/TOOLS.md': toolsPage(),
  'docs/AUDIT.md': auditPage(),
  'docs/BENCHMARKS.md': benchmarksPage(),
  'docs/DOCTOR.md': doctorPage(),
  'docs/GUARDS.md': guardsPage(),
  'docs/METRICS.md': await metricsPage(),
  'docs/READS.md': readsPage(),
  'docs/LICENSES.md': licencesPage(),
  'server.json': serverJson(),
}
