import type { DisconnectCause } from './lifecycle.ts'
import type { SessionPhase } from './session-phase.ts'

/** Resumes in a row that were answered with nothing before the session is given up. */
const mostFruitlessResumes = 3
/** Undecodable payloads in a row behind the same sequence before the session is given up. */
const mostDecodeFailures = 3
/** Failures to reach the resume host before the bootstrap URL is tried in turn with it. */
const resumeHostPatience = 2

/**
 * How long to insist on a session, and where. A resume is free and an identify is not, so a network outage,
 * however long, never costs the session: only a gateway that answers and does not resume does.
 */
export class ResumePolicy {
  #hostFailures = 0
  #fruitlessResumes = 0
  #decodeFailures = 0
  #decodeFailedAt = -1

  /** Whether the next connection goes to the bootstrap URL although a resume URL is known. */
  get useBootstrap(): boolean {
    return this.#hostFailures >= resumeHostPatience && this.#hostFailures % 2 === 0
  }

  /** Whether the session should be given up. */
  get isExhausted(): boolean {
    return this.#fruitlessResumes >= mostFruitlessResumes || this.#decodeFailures >= mostDecodeFailures
  }

  /** A connection ended in this phase. `replayed` counts the dispatches of its replay. */
  connectionEnded(phase: SessionPhase, cause: DisconnectCause, sequence: number, replayed: number): void {
    if (phase === 'connecting' || phase === 'opened') this.#hostFailures += 1
    if (phase === 'resuming' && replayed === 0 && cause !== 'requested' && cause !== 'local') {
      this.#fruitlessResumes += 1
    }
    if (cause !== 'decode') return
    // The same bytes would come with every replay: without an end this loop would be one for ever.
    this.#decodeFailures = sequence === this.#decodeFailedAt ? this.#decodeFailures + 1 : 1
    this.#decodeFailedAt = sequence
  }

  /** READY or RESUMED came. */
  succeeded(): void {
    this.#hostFailures = 0
    this.#fruitlessResumes = 0
  }

  /** The session was given up. */
  forgotten(): void {
    this.#fruitlessResumes = 0
    this.#decodeFailures = 0
    this.#decodeFailedAt = -1
  }
}
