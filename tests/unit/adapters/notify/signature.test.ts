import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signerOf } from '../../../../src/adapters/notify/signature.ts'

/** The example of the Standard Webhooks specification's reference implementations. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const AT = new Date(1_614_265_330_000)
const BODY = '{"test": 2432232314}'

describe('signerOf', () => {
  it('agrees with the published example and with an HMAC computed by hand', () => {
    const headers = signerOf([SECRET])?.(ID, AT, BODY)
    expect(headers).toEqual({
      'webhook-id': ID,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
    const mac = createHmac('sha256', key).update(`${ID}.1614265330.${BODY}`).digest('base64')
    expect(headers?.['webhook-signature']).toBe(`v1,${mac}`)
  })

  it('signs with every secret, and not at all without one', () => {
    const both = signerOf([SECRET, `whsec_${Buffer.alloc(32, 7).toString('base64')}`])?.(ID, AT, BODY)
    expect(both?.['webhook-signature'].split(' ')).toHaveLength(2)
    expect(signerOf([])).toBeUndefined()
  })
})
