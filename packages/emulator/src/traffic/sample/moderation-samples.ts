import type {
  APIAutoModerationRule,
  GatewayAutoModerationActionExecutionDispatchData,
} from 'discord-api-types/v10'
import { EntityKind } from '../entity-kind.ts'
import type { Scene } from '../scene.ts'
import { messageText, sentence, title, word } from '../text.ts'
import type { SceneSamples } from './sample.ts'

/** Rules that every guild seems to have. */
const ruleCount = 5

/** Auto moderation. Source: Discord docs, *Gateway Events*, auto moderation. */
export const moderationSamples: SceneSamples = {
  AUTO_MODERATION_RULE_CREATE: (scene) => rule(scene, scene.transient()),
  AUTO_MODERATION_RULE_UPDATE: (scene) => rule(scene, scene.index(ruleCount)),
  AUTO_MODERATION_RULE_DELETE: (scene) => rule(scene, scene.transient()),
  AUTO_MODERATION_ACTION_EXECUTION: (scene): GatewayAutoModerationActionExecutionDispatchData => {
    const { guild, random } = scene
    const keyword = word(random)
    return {
      user_id: scene.census.memberId(guild, scene.member()),
      rule_trigger_type: 1,
      rule_id: guild.idOf(EntityKind.ModerationRule, scene.index(ruleCount)),
      message_id: scene.id(EntityKind.Message),
      matched_keyword: keyword,
      matched_content: keyword,
      guild_id: guild.id,
      content: `${messageText(random)} ${keyword}`,
      channel_id: guild.channelId(scene.textChannel()),
      action: { type: 1, metadata: { custom_message: sentence(random) } },
    }
  },
}

function rule(scene: Scene, index: number): APIAutoModerationRule {
  const { guild } = scene
  const random = guild.random(EntityKind.ModerationRule, index)
  return {
    trigger_type: 1,
    trigger_metadata: {
      regex_patterns: ['\\b(free|gratis)\\s+nitro\\b'],
      keyword_filter: [word(random), `*${word(random)}*`, '詐欺'],
      allow_list: [],
    },
    name: title(random),
    id: guild.idOf(EntityKind.ModerationRule, index),
    guild_id: guild.id,
    exempt_roles: [guild.roleId(random.below(guild.size.roles))],
    exempt_channels: [guild.channelId(random.pick(guild.layout.text))],
    event_type: 1,
    enabled: true,
    creator_id: scene.census.memberId(guild, guild.size.members > 1 ? 1 : 0),
    actions: [
      { type: 1, metadata: { custom_message: sentence(random) } },
      { type: 3, metadata: { duration_seconds: 600 } },
    ],
  }
}
