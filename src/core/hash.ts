/** FNV-1a over the UTF-16 code units of a text, 32 bits. Used for seeds and fingerprints, not for security. */
export function fnv1a(text: string, seed = 0x811c9dc5): number {
  let hash = seed >>> 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
  }
  return hash >>> 0
}

/** MurmurHash3's 32-bit finaliser: every input bit reaches every output bit. */
export function mix32(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A seed from names, so that the same pipeline and series draw the same random numbers everywhere. */
export function seedOf(...names: readonly string[]): number {
  let hash = 0x811c9dc5
  for (const name of names) hash = fnv1a(`${name}\u0000`, hash)
  return mix32(hash)
}
