import { askedOf, type Facts, textOf, wentOf } from './record-text.ts'

/** OCSF 1.3, class API Activity (6003) of the category Application Activity. */
const VERSION = '1.3.0'
const CLASS = 6003

/**
 * A record as an event of the Open Cybersecurity Schema Framework. What somebody asked of the bridge is an API call; the record itself
 * is in `unmapped`, so that nothing is lost.
 */
export function ocsfEvent(facts: Facts, seq: number): Facts {
  const { at, type, call, principal, host, action, remote, edge } = facts
  const who = (principal ?? {}) as Facts
  const time = Date.parse(textOf(at))
  const [activity, name] = activityOf(facts)
  const [status, statusName] = statusOf(facts)
  return {
    metadata: {
      version: VERSION,
      uid: String(seq),
      product: { name: 'ssh-mcp-bridge', vendor_name: 'ssh-mcp-bridge' },
      log_name: 'audit',
      original_time: textOf(at),
      ...(call !== undefined && { correlation_uid: call }),
    },
    time,
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: CLASS,
    class_name: 'API Activity',
    activity_id: activity,
    activity_name: name,
    type_uid: CLASS * 100 + activity,
    severity_id: status === 2 ? 3 : 1,
    severity: status === 2 ? 'Medium' : 'Informational',
    status_id: status,
    status: statusName,
    ...(wentOf(facts) !== '' && { status_detail: wentOf(facts) }),
    actor: {
      user: {
        uid: textOf(who.subject ?? facts.subject),
        name: textOf(who.email ?? who.name ?? facts.username),
        ...(who.email !== undefined && { email_addr: who.email }),
        ...(who.issuer !== undefined && { domain: who.issuer }),
      },
      ...(who.client !== undefined && { app_uid: who.client }),
    },
    api: {
      operation: textOf(action ?? type),
      service: { name: 'ssh-mcp-bridge' },
      ...(call !== undefined && { request: { uid: call } }),
    },
    src_endpoint: { ...(remote !== undefined && { ip: remote }), name: textOf(edge) || 'bridge' },
    ...(host !== undefined && { dst_endpoint: { hostname: host } }),
    ...(askedOf(facts) !== '' && { message: askedOf(facts) }),
    unmapped: { record: facts },
  }
}

const READS = /^(list|get|read|describe|check)_/

function activityOf({ type, action }: Facts): [number, string] {
  if (action === undefined) return [99, textOf(type)]
  return READS.test(textOf(action)) ? [2, 'Read'] : [3, 'Update']
}

function statusOf({ type, verdict, result }: Facts): [number, string] {
  const { status, exit_status: exit } = (result ?? {}) as Facts
  if (verdict === 'deny' || /denied|refused|throttled/.test(textOf(type))) return [2, 'Failure']
  if (status === undefined) return [0, 'Unknown']
  return status === 'completed' && (exit ?? 0) === 0 ? [1, 'Success'] : [2, 'Failure']
}
