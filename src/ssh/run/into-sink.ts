import type { OutputSink } from '../../domain/command.ts'
import type { ChannelRequest } from './channel.ts'

/** Where a channel's output goes, and how the sink makes the host wait. */
export type Outlets = Pick<ChannelRequest, 'onStdout' | 'onStderr' | 'pressure' | 'onStarted' | 'onReleased'>

export function intoSink(sink: OutputSink): Outlets {
  let pressure: Promise<void> | undefined
  return {
    onStdout: (chunk) => {
      pressure = sink.push('stdout', chunk)
    },
    onStderr: (chunk) => {
      pressure = sink.push('stderr', chunk)
    },
    pressure: () => pressure,
    onStarted: () => sink.begun(),
  }
}
