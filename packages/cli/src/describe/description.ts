import type { EventMap, EventType } from 'twilight-gateway'

import type { Names } from './names.ts'

/** Says what an event means, for a person; names in it are foreign text. */
export type Describe<Type extends EventType> = (data: EventMap[Type]['data'], names: Names) => string

/** Descriptions of some events, by name. */
export type Descriptions = { readonly [Type in EventType]?: Describe<Type> }
