/** How the audit proves what it says: enough for a stranger to write a verifier. */
export const AUDIT_FORMAT = `## How a record is written

The audit of a database is one log: records numbered from 1 on, without a gap, whichever instance wrote them. A record is one line of UTF-8
and ends in a newline that does not belong to it. It is a JSON object in the canonical form of RFC 8785 (members sorted by name,
no white space); beyond it, characters that nobody sees are escaped as \`\\uXXXX\`. Each line begins with its place:

\`\`\`text
{"_chain":{"prev":"<64 hex digits>","seq":<number>},"at":…
\`\`\`

\`prev\` is the SHA-256, in lower-case hex, of the whole line before, without its newline; of record 1 it is 64 zeros. \`audit export\` writes
the lines as they are; so do the sinks that are files.

## What is signed

Four types of record, and receipts, carry a signature. It is Ed25519 (RFC 8032) over a text in UTF-8: lines that each end in a newline (0x0A),
the first with the name of the statement, the others with the values of these members, in this order.

| \`type\` | first line | then the members |
| --- | --- | --- |
| \`audit.opened\` | \`ssh-mcp-bridge audit opened v1\` | \`log\` \`at\` |
| \`audit.checkpoint\` | \`ssh-mcp-bridge audit checkpoint v1\` | \`log\` \`signed\` \`hash\` \`at\` |
| \`audit.key_added\` | \`ssh-mcp-bridge audit key v1\` | \`log\` \`added\` \`at\` |
| \`audit.pruned\` | \`ssh-mcp-bridge audit pruned v1\` | \`log\` \`signed\` \`hash\` \`at\` |
| \`receipt\` | \`ssh-mcp-bridge audit receipt v1\` | \`log\` \`call\` \`signed\` \`hash\` \`stdout_sha256\` \`stderr_sha256\` \`at\` |

Beside \`_chain\` such a record has exactly these members, \`key\`, \`signature\` and \`type\`. \`signed\` is a number, everything else a text: \`log\` names the
log, \`at\` is the time as it stands there, \`hash\` is the SHA-256 of the line with the number \`signed\`, \`key\` the public key that signs (32 bytes)
and \`signature\` its 64 bytes, both as base64url without padding; \`added\` is a public key like \`key\`.

A checkpoint is written after at most \`audit.checkpoint.records\` records, at most \`audit.checkpoint.seconds\` after the first that
is not signed, and when the bridge stops. It signs the record directly before it, which is durable already. Several instances may
sign; each signs for itself.

## How to verify a log

Given are the lines, the public keys that are trusted, and, if you have them, statements that were kept elsewhere (*anchors*: checkpoints and receipts, with or
without \`_chain\`). Go through the lines in their order. The first thing that does not hold names the record that is bad.

1. The line begins with a place as above and ends with \`}\`: else \`not_a_record\`.
2. The first line has the number 1 and 64 zeros; a later number is taken for now (see 7). Each following line has the next number. A higher one: \`missing\`. A
   lower one: \`twice\`. The record named is the one that belongs there.
3. \`prev\` is the digest of the line before. If not, one of the two was \`changed\`; which, is told by what follows. If the next line does not link to this
   line either, it is this one. Otherwise the next signature that signs a record at or after the break decides: it fails, or signs the line
   before with the digest that it has: this one; in all other cases: the line before. (If
   that was the \`audit.key_added\` of the key which signs next, the signature fails, and this line is named though the one before it was changed.)
4. A line that holds \`"type":"audit.\` is parsed; if it is not UTF-8, or no JSON: \`not_a_record\`. If its own \`type\` is one of the four (a \`audit.key_added\` without a \`signature\` says nothing), it is
   in canonical form, in printable ASCII with nothing escaped, with exactly the members above: else \`changed\`. Its \`log\` is that of the first signed record: else \`another_log\`. Its \`key\` is
   trusted: else \`untrusted_key\`. Its signature holds: else \`bad_signature\`. \`added\` is trusted from there on.
5. A checkpoint signs a record before itself, and \`hash\` is that record's digest: else \`made_anew\`: between the signature before and this one something was
   changed, and every link after it made to fit. One that signs a record 65,536 or more before itself is not compared and proves nothing.
6. Each anchor of this record has its digest (else \`anchor_differs\`), a trusted key and the same \`log\`.
7. At the end: no anchor is of a later record (else \`cut_back\`). A log whose first number is N > 1 has an \`audit.pruned\` whose \`signed\` is above N − 1, or is N − 1
   with the first line's \`prev\` as its \`hash\`: else \`beginning_missing\`. The last record is a checkpoint of the one before it: else \`truncated\`; a log that is still
   written (\`--live\`) may end with anything. Something is signed, and at most 20,000 records follow what is: else \`unsigned\`.

\`tools/verify_audit.py\` does this with nothing but the standard library of Python; \`audit verify\` does it too, and both are tested to say the same.

**What a log alone cannot show.** Whoever can write the database can cut a log back to exactly one of its checkpoints, and everything after it is gone without a
trace in what is left. That, and nothing else, needs an anchor: a sink on another machine (\`types: [audit.checkpoint]\` is enough), a receipt in
somebody's hands, or an earlier export. What is not signed yet, the last minute at most, is protected by the chain alone. Whoever has
the private key can write any log: keep it where the database is not, as \`audit.signing_key\`.

`
