import type { Post } from '../post.ts'
import type { Scene } from '../scene.ts'

/** Makes the `d` of an event that belongs to the scene's guild, or of one that belongs to none. */
export type SceneSample = (scene: Scene) => object

/** Makes the `d` of an event about a message. */
export type PostSample = (scene: Scene, post: Post) => object

/** Event name → sample. */
export type SceneSamples = Readonly<Record<string, SceneSample>>

/** Event name → sample. */
export type PostSamples = Readonly<Record<string, PostSample>>
