import { isPlaceholder } from './placeholder.ts'
import { inContext, type Recognizer } from './recognizer.ts'

/** Credentials in headers (RFC 9110 §11.6.2), in traces and in the arguments of clients. The name of the scheme stays. */
export const AUTHORIZATION: readonly Recognizer[] = [
  inContext(
    'authorization',
    ['authorization'],
    /authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token|apikey|negotiate|ntlm|bot|key|splunk|snowflake)\s{1,4})(?:token=)?["']?([^\0-\x20"',;<>{}$*]{6,4096})/iy,
    (value) => !isPlaceholder(value),
  ),
  inContext(
    'authorization',
    ['bearer '],
    /bearer ([A-Za-z0-9._~+/-]{16,4096}=*)/iy,
    (value) => /\d/.test(value) && !isPlaceholder(value),
  ),
  // curl -u name:password, wget --http-password is an assignment
  inContext(
    'authorization',
    ['curl '],
    /curl (?:[^\n|;&]{0,200} )?(?:-u|--user|--proxy-user)[ =]?["']?[A-Za-z0-9_.@-]{1,64}:([^\0-\x20"']{1,255})/y,
    (value) => !isPlaceholder(value),
  ),
  inContext(
    'authorization',
    ['sshpass '],
    /sshpass (?:-v )?-p ?["']?([^\0-\x20"']{1,255})/y,
    (value) => !isPlaceholder(value),
  ),
]
