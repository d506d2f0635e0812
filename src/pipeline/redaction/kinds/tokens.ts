import type { SecretKind } from '../../../domain/secret-kind.ts'
import { inContext, type Recognizer, token } from './recognizer.ts'

const WORD = '[A-Za-z0-9]'
const WORDS = '[A-Za-z0-9_-]'

/** What each begins with, and what follows: tokens that name their service themselves. */
const FORMS: readonly (readonly [SecretKind, readonly string[], string])[] = [
  // GitHub, GitLab, Bitbucket and other products of Atlassian
  ['git_token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], `${WORD}{36,251}`],
  ['git_token', ['github_pat_'], '[A-Za-z0-9_]{36,255}'],
  [
    'git_token',
    ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glft-', 'glsoat-', 'glimt-', 'glagent-', 'gloas-'],
    `${WORDS}{20,255}(?:\\.[0-9a-z]{2}\\.[0-9a-z]{7,9})?`,
  ],
  ['git_token', ['ATBB'], `${WORD}{28,40}`],
  ['git_token', ['ATATT3', 'ATCTT3'], '[A-Za-z0-9_=-]{60,255}'],
  // Slack
  [
    'chat_token',
    ['xoxb-', 'xoxp-', 'xoxa-', 'xoxs-', 'xoxr-', 'xoxo-', 'xoxc-', 'xoxe-'],
    `[A-Za-z0-9-]{10,250}`,
  ],
  ['chat_token', ['xoxd-'], '[A-Za-z0-9%+/-]{20,400}'],
  ['chat_token', ['xapp-'], '\\d-[A-Za-z0-9-]{20,250}'],
  // Stripe, Square, PayPal
  ['payment_key', ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], `${WORD}{16,247}`],
  ['payment_key', ['whsec_'], '[A-Za-z0-9+/]{24,88}={0,2}'],
  ['payment_key', ['sq0atp-', 'sq0csp-'], `${WORDS}{22,60}`],
  ['payment_key', ['access_token$production$', 'access_token$sandbox$'], '[0-9a-z]{16}\\$[0-9a-f]{32}'],
  // npm, PyPI, RubyGems, Docker Hub, Clojars, Artifactory
  ['package_token', ['npm_'], `${WORD}{36}`],
  ['package_token', ['pypi-AgE'], `${WORDS}{50,1000}`],
  ['package_token', ['rubygems_'], '[0-9a-f]{48}'],
  ['package_token', ['dckr_pat_', 'dckr_oat_'], `${WORDS}{20,64}`],
  ['package_token', ['CLOJARS_'], '[0-9a-z]{60}'],
  ['package_token', ['AKCp'], `${WORD}{60,80}`],
  // Models
  ['service_token', ['sk-ant-', 'sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-or-v1-'], `${WORDS}{20,250}`],
  ['service_token', ['sk-'], `${WORD}{48}`],
  ['service_token', ['hf_'], `${WORD}{34}`],
  ['service_token', ['gsk_'], `${WORD}{52}`],
  ['service_token', ['xai-'], `${WORD}{80}`],
  ['service_token', ['r8_'], `${WORD}{37}`],
  // Mail
  ['service_token', ['SG.'], `${WORDS}{22}\\.${WORDS}{43}`],
  ['service_token', ['xkeysib-'], `[0-9a-f]{64}-${WORD}{16}`],
  ['service_token', ['key-'], '[0-9a-f]{32}'],
  // Operations
  ['service_token', ['dop_v1_', 'doo_v1_', 'dor_v1_'], '[0-9a-f]{64}'],
  ['service_token', ['hvs.', 'hvb.', 'hvr.'], `${WORDS}{24,300}`],
  ['service_token', ['glsa_'], `${WORD}{32}_[0-9a-fA-F]{8}`],
  ['service_token', ['glc_'], '[A-Za-z0-9+/]{32,400}={0,2}'],
  ['service_token', ['dapi'], '[0-9a-f]{32}(?:-\\d)?'],
  ['service_token', ['HRKU-'], `${WORDS}{30,64}`],
  ['service_token', ['NRAK-'], '[0-9A-Z]{27}'],
  ['service_token', ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.'], `[A-Za-z0-9._-]{40,60}`],
  ['service_token', ['pul-'], '[0-9a-f]{40}'],
  ['service_token', ['tskey-'], '(?:auth|api|client|scim|webhook)-[A-Za-z0-9]+-[A-Za-z0-9]{16,64}'],
  ['service_token', ['SWMTKN-1-'], '[0-9a-z]{49,50}-[0-9a-z]{25}'],
  ['service_token', ['sntrys_', 'sntryu_'], '[A-Za-z0-9+/=_]{40,500}'],
  ['service_token', ['K10'], '[0-9a-f]{64}::(?:server|node|agent):[0-9a-zA-Z.]{16,64}'],
  // Other services
  ['service_token', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], '[0-9a-fA-F]{32}'],
  ['service_token', ['lin_api_'], `${WORD}{40}`],
  ['service_token', ['ntn_'], `${WORD}{40,60}`],
  ['service_token', ['figd_'], `${WORDS}{40,60}`],
  ['service_token', ['PMAK-'], '[0-9a-f]{24}-[0-9a-f]{34}'],
]

/** Telegram: the number of the bot, then what is secret. */
const TELEGRAM: Recognizer = {
  kind: 'chat_token',
  anchors: [':AA'],
  find(text, at) {
    const rest = /:AA[A-Za-z0-9_-]{32,33}(?![A-Za-z0-9_-])/y
    rest.lastIndex = at
    if (!rest.test(text)) return undefined
    const bot = /(?:^|[^A-Za-z0-9]|bot)(\d{8,11})$/.exec(text.slice(Math.max(0, at - 14), at))?.[1]
    return bot === undefined ? undefined : { start: at - bot.length, end: rest.lastIndex }
  },
}

/** Discord: the number of the bot in base64, when it was made, then what is secret. */
const DISCORD: Recognizer = {
  kind: 'chat_token',
  anchors: discordAnchors(),
  find: token('chat_token', 'MTA', /[A-Za-z0-9]{20,23}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}/y).find,
}

/** Base64 of the two digits that a number begins with. */
function discordAnchors(): string[] {
  return Array.from({ length: 90 }, (_, index) =>
    Buffer.from(`${index + 10}0`)
      .toString('base64')
      .slice(0, 3),
  )
}

export const TOKENS: readonly Recognizer[] = [
  ...FORMS.flatMap(([kind, anchors, form]) =>
    anchors.map((anchor) => token(kind, anchor, new RegExp(form, 'y'))),
  ),
  TELEGRAM,
  DISCORD,
  inContext(
    'chat_token',
    ['hooks.slack.com/'],
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_-]{30,120})/y,
  ),
  inContext('chat_token', ['/api/webhooks/'], /\/api\/webhooks\/(\d{17,20}\/[A-Za-z0-9_-]{60,90})/y),
  inContext('package_token', [':_auth'], /:_auth(?:Token)?\s{0,4}=\s{0,4}["']?([A-Za-z0-9+/=_.-]{8,500})/y),
]
