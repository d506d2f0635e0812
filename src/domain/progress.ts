/** Told how far a call has come. `total` is left out while it is not known. Must not throw. */
export type Progress = (done: number, total: number | undefined, message: string) => void

/** Nobody asked to be told. */
export const NOBODY: Progress = () => {}
