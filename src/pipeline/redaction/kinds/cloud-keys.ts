import { inContext, type Recognizer, token } from './recognizer.ts'

/** Keys of AWS: RFC 4648 base32 behind the four letters that say what it is of. */
const AWS = ['AKIA', 'ASIA', 'ABIA', 'ACCA']
const BETWEEN = `["']{0,2}\\s{0,4}[=:]\\s{0,4}["']{0,1}`

export const CLOUD_KEYS: readonly Recognizer[] = [
  // As the console hands it out: the id and the secret in one line.
  ...AWS.map((anchor) =>
    inContext(
      'cloud_key',
      [anchor],
      /(?<![A-Za-z0-9])[A-Z0-9]{20}["']?[,;|\t ]{1,8}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/y,
      (value) => /\d/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value),
    ),
  ),
  ...AWS.map((anchor) => token('cloud_key', anchor, /[A-Z2-7]{16}/y)),
  inContext(
    'cloud_key',
    ['secret_access_key', 'secretaccesskey', 'aws_secret_key'],
    new RegExp(`[a-z_]{14,18}${BETWEEN}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])`, 'iy'),
  ),
  // Google
  token('cloud_key', 'AIza', /[A-Za-z0-9_-]{35}/y),
  token('cloud_key', 'ya29.', /[A-Za-z0-9_-]{20,2048}/y),
  token('cloud_key', 'GOCSPX-', /[A-Za-z0-9_-]{28}/y),
  token('cloud_key', '1//0', /[A-Za-z0-9_-]{40,120}/y),
  inContext(
    'cloud_key',
    ['private_key_id'],
    new RegExp(`private_key_id${BETWEEN}([0-9a-f]{40})(?![0-9a-f])`, 'y'),
  ),
  // Azure
  inContext('cloud_key', ['AccountKey='], /AccountKey=([A-Za-z0-9+/]{86}==)/iy),
  inContext('cloud_key', ['SharedAccessKey='], /SharedAccessKey=([A-Za-z0-9+/]{43}=)/iy),
  inContext(
    'cloud_key',
    ['?sig=', '&sig='],
    /.sig=([A-Za-z0-9+/_-]{20,64}(?:%[0-9A-Fa-f]{2}[A-Za-z0-9+/_-]{0,64}){0,12}={0,2})/y,
  ),
  // Alibaba, Tencent
  token('cloud_key', 'LTAI', /[A-Za-z0-9]{12,20}/y),
  token('cloud_key', 'AKID', /[A-Za-z0-9]{32}/y),
]
