/** Metrics through OpenTelemetry's API: `twilight-gateway/metrics`. See `docs/metrics.md`. */
export { instrument, type InfoSource, type InstrumentOptions } from './instrument.ts'
