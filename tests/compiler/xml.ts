/** An element of XML, as far as a test wants to know. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  text: string
}

const token = /<\/([\w-]+)>|<([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y
const attribute = /([\w:-]+)="([^"]*)"/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** Reads XML strictly: one root, tags that close, quoted attributes, known entities, allowed characters. Throws otherwise. */
export function readXml(text: string): XmlElement {
  const found = forbidden.exec(text)
  if (found) throw new Error(`a character that XML does not know at ${found.index}`)
  const document: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [document]
  token.lastIndex = 0
  for (let at = 0; at < text.length; at = token.lastIndex) {
    const [whole, closed, opened, attributes = '', isEmpty, content] = token.exec(text) ?? []
    const current = open.at(-1)
    if (whole === undefined || !current) throw new Error(`no XML at ${at}: ${text.slice(at, at + 40)}`)
    if (content !== undefined) current.text += decode(content)
    else if (closed !== undefined) {
      if (open.pop()?.name !== closed) throw new Error(`</${closed}> closes nothing at ${at}`)
    } else if (opened !== undefined) {
      const pairs = [...attributes.matchAll(attribute)].map(([, key = '', value = '']) => [key, decode(value)] as const)
      if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`an attribute twice at ${at}`)
      const element = { name: opened, attributes: Object.fromEntries(pairs), children: [], text: '' }
      current.children.push(element)
      if (isEmpty !== '/') open.push(element)
    }
  }
  const [root, ...others] = document.children
  if (open.length !== 1 || !root || others.length > 0 || document.text.trim() !== '') throw new Error('not one root')
  return root
}

/** An element and everything in it. */
export function elementsOf(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(elementsOf)]
}

function decode(text: string): string {
  return text.replaceAll(/&([^;]*)(;?)/g, (_, name: string) => {
    const character = entities[name]
    if (character === undefined) throw new Error(`no entity &${name}`)
    return character
  })
}
