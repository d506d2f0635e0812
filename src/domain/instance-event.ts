/** What is remembered of the instances that share a database. */
export type InstanceEvent =
  /** It has not said for too long that it lives: what it had is taken over, and nothing that it still writes is taken. */
  | {
      readonly type: 'instance.lost'
      readonly at: Date
      readonly instance: string
      /** The instance that noticed. */
      readonly by: string
      readonly silentMs: number
    }
  /** One that was declared lost lives all the same. All that it did was ended, and it goes on as another instance. */
  | {
      readonly type: 'instance.fenced'
      readonly at: Date
      /** As which it was declared lost. */
      readonly instance: string
      readonly now: string
      /** Records that it still wanted to write, and that were not taken. */
      readonly refused: number
      readonly awayMs: number
    }
