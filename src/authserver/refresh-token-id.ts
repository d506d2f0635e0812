import type Provider from 'oidc-provider'
import { randomToken } from '../lib/ids.ts'

/**
 * A refresh token: the consent it was given under, and 256 random bits. So a token that was used, and of which nothing is kept any more, still
 * tells whose family it belongs to. The id of a consent is itself 256 random bits that only its tokens know: nobody else can end the family.
 */
function newRefreshTokenId(grantId: string): string {
  return `${grantId}.${randomToken()}`
}

const REFRESH_TOKEN = /^([A-Za-z0-9_-]{20,64})\.[A-Za-z0-9_-]{43}$/

/** The consent that a refresh token says it was given under; undefined for what is none of ours. */
export function grantIdOf(refreshToken: string): string | undefined {
  return REFRESH_TOKEN.exec(refreshToken)?.[1]
}

/** Has the provider library name its refresh tokens so. */
export function giveTokensFamilies(provider: Provider): void {
  Object.assign(provider.RefreshToken.prototype, {
    generateTokenId(this: { readonly grantId: string }) {
      return newRefreshTokenId(this.grantId)
    },
  })
}
