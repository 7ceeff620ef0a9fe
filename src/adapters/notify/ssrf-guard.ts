import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** A webhook leads to an address that it may not lead to. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
}

/**
 * Whether a webhook may be sent to an address: public unicast only. Loopback, private, link-local (with the clouds'
 * metadata services), shared, multicast, reserved and the ranges that embed an IPv4 address are not.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // `process` turns ::ffff:10.0.0.1 into 10.0.0.1, which would otherwise pass for something else.
  return ipaddr.process(address).range() === 'unicast'
}

/**
 * Refuses a URL whose host is a forbidden address as it stands; names are looked at when they are resolved. WHATWG
 * URLs write 0x7f.1 and 2130706433 as 127.0.0.1 already.
 */
export function assertPublicHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(host) && !isPublicAddress(host)) throw forbidden(host, host)
}

/**
 * A resolver for sockets that gives public addresses only. The socket connects to what is returned here, so a name
 * that resolves to something else a moment later has no effect.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, [])
    const addresses = found.filter(({ address }) => isPublicAddress(address))
    const [first] = addresses
    if (first === undefined) return callback(forbidden(hostname, listOf(found)), [])
    return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family)
  })
}

const listOf = (found: readonly LookupAddress[]) => found.map(({ address }) => address).join(', ')

function forbidden(host: string, addresses: string): ForbiddenAddressError {
  const what = host === addresses ? host : `${host} (${addresses})`
  return new ForbiddenAddressError(
    `${what} is not a public address; set allowPrivate: true to send to your own network`,
  )
}
