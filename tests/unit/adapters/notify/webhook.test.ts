import { describe, expect, it } from 'vitest'
import { renderStandard } from '../../../../src/adapters/notify/render/standard.ts'
import { WebhookNotifier, type WebhookOptions } from '../../../../src/adapters/notify/webhook.ts'
import { asTidegaugeError } from '../../../../src/core/errors.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

function refusal(options: Partial<WebhookOptions>) {
  try {
    new WebhookNotifier({
      name: 'pager',
      url: 'https://example.com',
      render: renderStandard,
      clock: { nowMs: () => 0 },
      ...options,
    })
  } catch (thrown) {
    return asTidegaugeError(thrown)
  }
  return undefined
}

describe('WebhookNotifier', () => {
  it('takes a URL and a secret', () => {
    expect(refusal({ secrets: [SECRET] })).toBeUndefined()
    expect(refusal({ url: 'http://10.0.0.1/', allowPrivate: true })).toBeUndefined()
  })

  it.each([
    ['not a URL', { url: 'pager.example' }, 'notify.pager.url', 'is not a URL'],
    ['credentials that would not be sent', { url: 'https://me:pw@example.com/' }, 'notify.pager.url', 'not sent'],
    ['a file', { url: 'file:///etc/passwd' }, 'notify.pager.url', 'cannot send to file:'],
    ['a private address', { url: 'http://169.254.169.254/x' }, 'notify.pager.url', 'is not a public address'],
    ['a secret that is none', { secrets: ['whsec_%%%'] }, 'notify.pager.secret', 'is not a signing secret'],
  ])('refuses %s before anything is sent', (_, options, where, message) => {
    const error = refusal(options)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', where })
    expect(error?.message).toContain(message)
  })

  it('an error never repeats a secret', () => {
    expect(refusal({ secrets: ['whsec_%%%my-secret'] })?.describe()).not.toContain('my-secret')
  })
})
