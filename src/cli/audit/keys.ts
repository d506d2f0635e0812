import { publicKeyPem } from '../../evidence/keys.ts'
import { outlive } from '../../lib/clock.ts'
import { complain, type Subcommand, say, UsageError } from '../command.ts'
import { type ConfigOption, configOf, withConfig } from '../with-config.ts'
import { openAudit } from './open-audit.ts'

export const keyCommands: Subcommand = (group, exit) => {
  withConfig(group.command('public-key'))
    .description('the public keys that verify this audit, to give away')
    .action(async (options: ConfigOption) => {
      const audit = await openAudit(options)
      const keys = audit.ownKeys
      await audit.close()
      if (keys.length === 0)
        throw new UsageError('there is no key yet: the bridge makes one when it first starts')
      for (const key of keys) say(publicKeyPem(key).trimEnd())
      exit(0)
    })
  withConfig(group.command('rotate-key'))
    .description('sign with a new key from now on; the one before signs the new one')
    .option('--lost', 'the key before is lost: verifiers have to be told of the new one')
    .action(async (options: ConfigOption & { readonly lost?: boolean }) => {
      const { audit: settings } = await configOf(options)
      if (settings.signingKey !== undefined)
        throw new UsageError(
          'the key is configured (audit.signing_key): remove that first, or make the new key there',
        )
      const audit = await openAudit(options)
      try {
        const key = await outlive(audit.rotateKey(options.lost === true)).catch((cause: Error) => {
          throw new UsageError(`the key was not changed: ${cause.message}`)
        })
        say(publicKeyPem(key).trimEnd())
        complain(
          'Bridges that run sign with it from their next signature on. Keep the public keys before, too.',
        )
        exit(0)
      } finally {
        await audit.close()
      }
    })
}
