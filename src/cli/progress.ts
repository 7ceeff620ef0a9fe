import cliProgress from 'cli-progress'

const { Format, MultiBar, Presets } = cliProgress

export interface Progress {
  /** So much more is done; `name` is shown behind the bar. */
  advance(name: string, by?: number): void
  /** Whole lines, above the bar where both are on a terminal. */
  write(lines: string, to?: NodeJS.WritableStream): void
  stop(): void
}

const ERASE_LINE = '\r\u001b[K'
/** A bar draws itself by a timer; work that lets none fire has it drawn as it advances. */
const REDRAW_MS = 100

/**
 * A bar on stderr with the time left, on a terminal only: nothing of it comes into a file or a pipe, and stdout is the
 * command's own. `unit` is what is counted; bytes are told as a share of so many MB. Ctrl-C is left to the command.
 */
export function startProgress(total: number, unit: string): Progress {
  const { stderr } = process
  const write = (lines: string, to: NodeJS.WritableStream = stderr) => void to.write(lines)
  if (stderr.isTTY !== true || total === 0) return { advance: () => {}, write, stop: () => {} }
  const amount = unit === 'bytes' ? `{percentage} % of ${(total / 1e6).toFixed(1)} MB` : `{value}/{total} ${unit}`
  // Of one bar: the other kind goes back to where it began when it ends, over whatever was written since.
  const bars = new MultiBar(
    {
      // Nothing can be said of the time before something is done.
      format: (options, params, payload: { readonly name: string }) => {
        const left = params.value === 0 ? '' : ', {eta_formatted} left'
        return Format.Formatter({ ...options, format: `{bar} ${amount}${left}  {name}` }, params, payload)
      },
      stream: stderr,
      // Drawn again under every line that is written in its place.
      forceRedraw: true,
      linewrap: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  )
  const bar = bars.create(total, 0, { name: '' })
  let drawn = performance.now()
  return {
    advance: (name, by = 1) => {
      bar.increment(by, { name })
      if (performance.now() - drawn < REDRAW_MS || !bars.isActive) return
      drawn = performance.now()
      bars.update()
    },
    write: (lines, to) => {
      if (bars.isActive) stderr.write(ERASE_LINE)
      write(lines, to)
    },
    stop: () => {
      if (bars.isActive) bars.stop()
    },
  }
}
