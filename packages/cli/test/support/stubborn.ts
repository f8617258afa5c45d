/** A program that is asked to stop and does not. */
import { Interrupt } from '../../src/terminal/interrupt.ts'

const interrupt = new Interrupt()
interrupt.signal.addEventListener('abort', () => {
  process.stdout.write('asked to stop\n')
  setTimeout(() => process.stdout.write('still here\n'), 1_000)
})
setInterval(() => undefined, 1_000)
process.stdout.write('waiting\n')
