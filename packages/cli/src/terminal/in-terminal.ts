import { Interrupt } from './interrupt.ts'
import { Output } from './output.ts'

/**
 * Runs a command with an output to write to and a signal that asks it to stop: at Ctrl-C, or when nobody reads what it
 * writes any more. Leaves the terminal as it was.
 */
export async function inTerminal<Result>(
  command: (output: Output, stop: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interrupt = new Interrupt()
  const output = new Output()
  try {
    return await command(output, AbortSignal.any([interrupt.signal, output.gone]))
  } finally {
    output.close()
    interrupt.close()
  }
}
