import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../src/config/load-config.ts'
import { makePerson, type Person } from './kit/person.ts'
import { hostYaml, makeHome, startProduct } from './kit/product.ts'
import { type Sshd, startSshd } from './kit/sshd.ts'

const SECRETS = {
  LAPTOP_KEY_SHA256: createHash('sha256').update('smb_only_for_this_test').digest('hex'),
  DATABASE_PASSWORD: 'only-for-this-test',
  DATABASE_URL: 'postgres://bridge:only-for-this-test@postgres.database.svc/bridge',
}

let sshd: Sshd
let person: Person

beforeAll(async () => {
  sshd = await startSshd()
  person = makePerson(sshd)
})

afterAll(async () => {
  person?.remove()
  await sshd?.stop()
})

const read = (path: string) => readFileSync(join('deploy', path), 'utf8')

/** The configuration as it is, except that the key of the test is where it says. */
async function loaded(path: string) {
  const keyFile = join(person.home, 'keys/audit.pem')
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const text = read(path)
    .replace('/keys/id_ed25519', 'keys/id_ed25519')
    .replace(/\$\{file:.*audit\.pem\}/, `\${file:${keyFile}}`)
  const result = await loadConfig(person.write('config.yaml', text), { ...person.env, ...SECRETS })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config
}

test.each(['compose/config.yaml', 'kubernetes/config.yaml'])(
  '%s is valid, keeps everything in PostgreSQL and trusts hosts by name',
  async (path) => {
    const config = await loaded(path)
    expect(config.storage.url).toMatch(/^postgres:\/\/bridge:only-for-this-test@/)
    expect(parse(read(path)).audit.signing_key).toMatch(/^\$\{file:.*\/keys\/audit\.pem\}$/)
    for (const host of parse(read(path)).hosts) expect(host.host_key, host.name).toMatch(/^SHA256:/)
  },
)

test('the image holds what is optional to npm: the native parts of SQLite and of password hashing', () => {
  const image = readFileSync('Dockerfile', 'utf8')
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  for (const native of ['@libsql/linux-x64-gnu', '@node-rs/argon2-linux-x64-gnu'])
    expect(packages[`node_modules/${native}`]).toMatchObject({ optional: true })
  expect(image).toMatch(/^RUN npm ci --omit=dev --ignore-scripts/m)
  expect(image).not.toMatch(/^RUN .*omit=optional/m)
})

describe('compose', () => {
  const compose = parse(read('compose/compose.yaml'))

  test('mounts only files that are there, apart from those that the guide has one make', () => {
    const services = Object.values<{ volumes: string[] }>(compose.services)
    const mounted = services.flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    const missing = mounted.filter(
      (path) => path.startsWith('.') && !existsSync(join('deploy/compose', path)),
    )
    expect(mounted.length).toBeGreaterThan(4)
    expect(missing.sort()).toEqual(['./keys', './tls'])
  })

  test('has three instances that get what their configuration asks for, and the time to stop', async () => {
    const { bridge, postgres, nginx } = compose.services
    const { server, limits } = await loaded('compose/config.yaml')
    expect(bridge.deploy.replicas).toBe(3)
    expect(namesIn(read('compose/config.yaml'))).toEqual(Object.keys(bridge.environment).sort())
    expect(Number.parseInt(bridge.stop_grace_period, 10) * 1000).toBeGreaterThan(limits.shutdownMs)
    expect(server.trustedProxies).toEqual([compose.networks.default.ipam.config[0].subnet])
    const { username, pathname, hostname } = new URL((await loaded('compose/config.yaml')).storage.url)
    expect([hostname, username, pathname]).toEqual([
      'postgres',
      postgres.environment.POSTGRES_USER,
      `/${postgres.environment.POSTGRES_DB}`,
    ])
    expect(Object.keys(compose.services)).toEqual(['bridge', 'postgres', 'nginx'])
    expect(read('nginx/ssh-mcp-bridge.conf')).toContain('server bridge:8080 ')
    expect(existsSync(join('deploy/compose', bridge.build, 'Dockerfile'))).toBe(true)
    expect(nginx.depends_on.bridge.condition).toBe('service_healthy')
  })
})

describe('kubernetes', () => {
  const parts = readdirSync('deploy/kubernetes')
    .filter((name) => name.endsWith('.yaml') && !/^(config|kustomization)\.yaml$/.test(name))
    .flatMap((name) => parseAllDocuments(read(`kubernetes/${name}`)).map((document) => document.toJS()))
  const only = (kind: string) => {
    const found = parts.filter((part) => part.kind === kind)
    expect(found, kind).toHaveLength(1)
    return found[0]
  }
  const deployment = only('Deployment')
  const pod = deployment.spec.template.spec
  const [container] = pod.containers

  test('names only what is there: files, secrets, volumes, ports, labels', () => {
    const { resources, configMapGenerator } = parse(read('kubernetes/kustomization.yaml'))
    for (const file of [...resources, ...configMapGenerator[0].files])
      expect(existsSync(join('deploy/kubernetes', file)), file).toBe(true)
    const maps = configMapGenerator.map(({ name }: { name: string }) => name)
    const secrets = parts.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name)
    for (const { configMap, secret } of pod.volumes) {
      if (configMap) expect(maps).toContain(configMap.name)
      if (secret) expect(secrets).toContain(secret.secretName)
    }
    expect(secrets).toContain(container.envFrom[0].secretRef.name)
    const volumes = pod.volumes.map(({ name }: { name: string }) => name)
    for (const { volumeMounts } of [...pod.initContainers, ...pod.containers])
      for (const { name } of volumeMounts) expect(volumes).toContain(name)
    const labels = deployment.spec.template.metadata.labels
    for (const selector of [
      deployment.spec.selector.matchLabels,
      only('Service').spec.selector,
      only('PodDisruptionBudget').spec.selector.matchLabels,
      only('NetworkPolicy').spec.podSelector.matchLabels,
    ])
      expect(selector).toEqual(labels)
    expect(only('Service').spec.ports[0].targetPort).toBe(container.ports[0].name)
    expect(only('NetworkPolicy').spec.ingress[0].ports[0].port).toBe(container.ports[0].containerPort)
    expect(only('HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe(deployment.metadata.name)
  })

  test('gives each instance what its configuration asks for, few rights, and the time to stop', async () => {
    const { name } = container.envFrom[0].secretRef
    const secret = parts.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name)
    expect(namesIn(read('kubernetes/config.yaml'))).toEqual(Object.keys(secret.stringData).sort())
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
    expect(pod.automountServiceAccountToken).toBe(false)
    for (const { securityContext } of [...pod.initContainers, ...pod.containers])
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
    const { limits } = await loaded('kubernetes/config.yaml')
    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(limits.shutdownMs)
    expect([container.livenessProbe.httpGet.path, container.readinessProbe.httpGet.path]).toEqual([
      '/health',
      '/ready',
    ])
    expect(deployment.spec.replicas).toBeGreaterThan(only('PodDisruptionBudget').spec.minAvailable)
  })
})

describe('systemd', () => {
  const unit = read('systemd/ssh-mcp-bridge.service')
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1]

  test('the unit starts what exists, as nobody special, and gives commands the time to end', async () => {
    for (const line of unit.split('\n')) expect(line).toMatch(/^($|#|\[(Unit|Service|Install)\]$|[A-Z]\w+=)/)
    const { limits } = await loaded('compose/config.yaml')
    expect(Number(value('TimeoutStopSec')) * 1000).toBeGreaterThan(limits.shutdownMs)
    expect(value('ExecStart')).toBe('/usr/local/bin/ssh-mcp-bridge serve /etc/ssh-mcp-bridge/config.yaml')
    expect(value('Environment')).toBe('XDG_STATE_HOME=/var/lib')
    expect([value('User'), value('StateDirectory')]).toEqual(['ssh-mcp-bridge', 'ssh-mcp-bridge'])
  })

  test.runIf(existsSync('/usr/bin/systemd-analyze'))(
    'systemd finds nothing wrong with it, and that it is shut in',
    () => {
      const directory = mkdtempSync(join(tmpdir(), 'bridge-unit-'))
      const file = join(directory, 'ssh-mcp-bridge.service')
      writeFileSync(file, unit.replaceAll('/usr/local/bin/ssh-mcp-bridge', '/bin/true'))
      try {
        const { stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
        expect(stderr).toBe('')
        const said = execFileSync('systemd-analyze', ['security', '--offline=true', file], {
          encoding: 'utf8',
        })
        expect(Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1])).toBeLessThan(1.2)
      } finally {
        rmSync(directory, { recursive: true })
      }
    },
  )
})

test('every metric that the dashboard and the alerts name is one of a running bridge', async () => {
  const home = await makeHome()
  home.configure(`server: {enable_http: true, port: 0}\nhosts:\n${hostYaml('web-server', sshd)}`)
  const product = await startProduct(home)
  const shown = await (await fetch(`${product.url}/metrics`)).text()
  await product.stop()
  await home.remove()
  const exported = new Set([...shown.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]))
  const expressions = [
    ...JSON.parse(read('grafana/ssh-mcp-bridge.json')).panels.flatMap(
      ({ targets = [] }: { targets?: { expr: string }[] }) => targets.map(({ expr }) => expr),
    ),
    ...parse(read('prometheus/alerts.yml')).groups[0].rules.map(({ expr }: { expr: string }) => expr),
  ]
  expect(expressions.length).toBeGreaterThan(40)
  const named = new Set(
    expressions.flatMap((expression: string) =>
      [...expression.matchAll(/\b(?:ssh_mcp_bridge|process|nodejs)_\w+/g)].map(([name]) =>
        exported.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''),
      ),
    ),
  )
  expect(named.size).toBeGreaterThan(20)
  expect([...named].filter((name) => !exported.has(name))).toEqual([])
})

test('an alert names what is wrong, how bad it is, and where to look', () => {
  const { rules } = parse(read('prometheus/alerts.yml')).groups[0]
  for (const { alert, labels, annotations } of rules) {
    expect(labels.severity, alert).toMatch(/^(critical|warning|info)$/)
    expect(annotations.summary, alert).toMatch(/\.$/)
  }
})

function namesIn(text: string): string[] {
  const used = text.replace(/^\s*#.*$/gm, '')
  return [...new Set([...used.matchAll(/\$\{env:(\w+)\}/g)].map((match) => match[1] ?? ''))].sort()
}
