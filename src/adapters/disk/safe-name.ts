import { TidegaugeError } from '../../core/errors.ts'

/** File systems take 255 bytes; some are kept for the endings that files get. */
const NAME_BYTES_MAX = 240

/**
 * A text as the name of one file or folder, reversibly: letters, digits, `-` and `_` stay, all else (dots, and capitals
 * for disks that do not tell them apart) becomes %XX. So no name can leave its folder, hide, or meet another.
 */
export function safeName(text: string): string {
  const bytes = new TextEncoder().encode(text)
  let name = ''
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    name += /[a-z0-9_-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`
  }
  if (name.length === 0 || name.length > NAME_BYTES_MAX) {
    throw new TidegaugeError('CONFIG_INVALID', `a name of ${name.length} bytes cannot become a file's name`, {
      where: text.slice(0, 60),
      hint: `give the pipeline or topic a name of 1 to ${NAME_BYTES_MAX} letters, digits, - or _`,
    })
  }
  return name
}

/** The text that `safeName` made a name of, or undefined when it did not make it. */
export function unsafeName(name: string): string | undefined {
  if (!/^(?:[a-z0-9_-]|%[0-9a-f]{2})+$/.test(name)) return undefined
  const bytes = name.match(/%[0-9a-f]{2}|./g)?.map((part) => {
    return part.length === 1 ? part.charCodeAt(0) : Number.parseInt(part.slice(1), 16)
  })
  return new TextDecoder().decode(Uint8Array.from(bytes ?? []))
}
