/** A request that cannot be answered as it wishes. */
export class ControlError extends Error {
  /** HTTP status. */
  readonly status: number
  /** What there is instead, for example the names of all faults. */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(status: number, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = 'ControlError'
    this.status = status
    this.facts = facts
  }
}
