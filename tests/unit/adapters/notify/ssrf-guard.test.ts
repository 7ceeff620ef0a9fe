import { describe, expect, it } from 'vitest'
import {
  assertPublicHost,
  ForbiddenAddressError,
  isPublicAddress,
  publicLookup,
} from '../../../../src/adapters/notify/ssrf-guard.ts'

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'])('lets %s pass', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback, IPv6', '::1'],
    ['loopback in an IPv6 address', '::ffff:127.0.0.1'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '192.168.1.1'],
    ['private in an IPv6 address', '::ffff:c0a8:101'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local: the metadata service of most clouds', '169.254.169.254'],
    ['link-local, IPv6', 'fe80::1'],
    ['shared address space', '100.100.100.200'],
    ['this network', '0.0.0.0'],
    ['unspecified, IPv6', '::'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['NAT64 of a private address', '64:ff9b::10.0.0.1'],
    ['6to4 of a private address', '2002:0a00:0001::'],
    ['no address', 'localhost'],
  ])('refuses %s: %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('assertPublicHost', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]:8080/',
    'http://[::ffff:10.0.0.1]/',
  ])('refuses %s', (url) => {
    expect(() => assertPublicHost(new URL(url))).toThrow(ForbiddenAddressError)
  })

  it('leaves names to the resolver', () => {
    expect(() => assertPublicHost(new URL('http://localhost/'))).not.toThrow()
    expect(() => assertPublicHost(new URL('http://8.8.8.8/'))).not.toThrow()
  })
})

describe('publicLookup', () => {
  const resolve = (hostname: string) =>
    new Promise((settle) => publicLookup(hostname, { all: true }, (error, found) => settle(error ?? found)))

  it('refuses a name of this machine', async () => {
    const found = await resolve('localhost')
    expect(found).toBeInstanceOf(ForbiddenAddressError)
    expect((found as Error).message).toMatch(/^localhost \(.*(127\.0\.0\.1|::1).*\) is not a public address/)
  })

  it('passes on that a name does not exist', async () => {
    expect(await resolve('no-such-host.invalid')).toMatchObject({ syscall: 'getaddrinfo' })
  })
})
