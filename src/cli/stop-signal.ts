/** Waits for SIGINT or SIGTERM. A second one, when stopping takes too long for somebody, ends the process at once. */
export function stopSignal(): { readonly requested: Promise<void>; readonly release: () => void } {
  let request = () => {}
  const requested = new Promise<void>((resolve) => {
    request = resolve
  })
  let asked = false
  const onSignal = () => {
    if (asked) process.exit(130)
    asked = true
    request()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const release = () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  return { requested, release }
}
