import type { KeyedRandom } from './keyed-random.ts'

/** Sentences in many scripts, with the escapes and look-alikes that trip up header scans and UTF-8 decoders. */
const sentences: readonly string[] = [
  'anyone up for a round tonight?',
  'lol same here',
  'brb, the dog is at the door 🐕',
  'That deploy broke the staging box again, I am looking into it now.',
  'Résumé façade naïve coöperate — “curly quotes” and… ellipses',
  '今日はいい天気ですね。散歩に行きませんか？',
  '다들 안녕하세요! 오늘 회의는 세 시에 시작합니다.',
  '有人知道这个错误是什么意思吗？',
  'Привет всем, кто сегодня играет?',
  'مرحبا بالجميع، كيف حالكم اليوم؟',
  'สวัสดีครับ วันนี้ฝนตกหนักมาก',
  '👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇯🇵 ❤️‍🔥',
  'she said "no way" and closed the tab',
  'the log says {"t":"READY","s":1,"op":0,"d":null} every time',
  'look for "t":"MESSAGE_CREATE","s":99,"op":7 in the dump',
  'path is C:\\Users\\me\\AppData\\Local\\tmp',
  'line one\nline two\n\ttabbed line three',
  '```js\nconst t = "\\"t\\":\\"PRESENCE_UPDATE\\"";\n```',
  'https://example.com/watch?v=1&t=42s#top',
  '||spoiler|| **bold** __under__ ~~gone~~ `code`',
  'half \u2028 separator and a zero\u200Bwidth space',
  'İstanbul ışığı, ẞtraße, Ångström, Łódź, ﬁne',
  'Z̷a̴l̸g̵o̶ h̶e̷ c̸o̴m̶e̵s̷',
  '𝓯𝓪𝓷𝓬𝔂 𝖋𝖔𝖓𝖙𝖘 𝕒𝕣𝕖 𝕤𝕦𝕣𝕣𝕠𝕘𝕒𝕥𝕖 𝕡𝕒𝕚𝕣𝕤',
  'gg wp, see you all tomorrow',
  'can someone review my pull request please? It is about forty lines and mostly tests.',
  'ok',
  'the patch notes are out, and they finally fixed the reconnect bug we all hit last week',
  'who has the link to the spreadsheet',
  '¯\\_(ツ)_/¯',
]

const names: readonly string[] = [
  'Ada',
  'Zoë Müller',
  '桜',
  'ᴅᴀʀᴋ ᴋɴɪɢʜᴛ',
  'Сергей',
  'نور',
  '🌙 Luna',
  'José "Pepe" Núñez',
  '민준',
  'xX_Sniper_Xx',
  'Bjørn',
  'Ω mega',
  'crème brûlée',
  'the\\backslash',
  '小明',
  'Grace',
]

const words: readonly string[] = (
  'amber brisk cedar delta ember frost grove harbor indigo jolly kelp lunar maple nova onyx pixel quartz ' +
  'river solar tundra umber violet willow xenon yonder zephyr'
).split(' ')

const phrases: readonly string[] = [
  'Rust & Relax',
  '深夜の作業部屋',
  'Café Français ☕',
  'Speedrun Central',
  'Study Together',
  'Клуб любителей кошек',
  'The "Quoted" Guild',
  'Indie Game Makers 🎮',
  '우리 동네 게임방',
  'Book & Board',
]

/** A message's content: one sentence or two. */
export function messageText(random: KeyedRandom): string {
  let text = random.pick(sentences)
  if (random.chance(0.5)) text += ` ${random.pick(sentences)}`
  return text
}

/** A sentence. */
export function sentence(random: KeyedRandom): string {
  return random.pick(sentences)
}

/** A person's display name. */
export function displayName(random: KeyedRandom): string {
  return random.pick(names)
}

/** A lower-case word: names of channels, emojis and users are made of them. */
export function word(random: KeyedRandom): string {
  return random.pick(words)
}

/** A title: names of guilds, events and activities. */
export function title(random: KeyedRandom): string {
  return random.pick(phrases)
}
