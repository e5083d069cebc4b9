import type { Box, Entry, Layout, Line } from './layout.ts'
import { boxTexts, lineText, sizes } from './layout-graph.ts'
import type { GraphNode, Program, StepWork } from './program.ts'
import { kindLooks, lineLooks, styleSheet } from './svg-look.ts'
import { arrowHead, roundedPath } from './svg-path.ts'
import { xmlText } from './svg-text.ts'

/** The picture of a program: one SVG without scripts, fonts or links, the same bytes for the same program. */
export function toSvg({ width, height, boxes, entries, lines }: Layout, program: Program): string {
  const nodes = new Map(program.graph.nodes.map(node => [node.id, node]))
  const drawBox = (box: Box): string[] => {
    const node = nodes.get(box.id)
    return node ? [drawStep(box, node, program.steps[box.id]?.work)] : []
  }
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  const name = xmlText(program.title)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="graphics-document document" aria-label="${name}">`,
    `<title>${name}</title>`,
    ...(program.description === undefined ? [] : [`<desc>${xmlText(program.description)}</desc>`]),
    `<style>${styleSheet}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    ...boxes.filter(({ isBlock }) => isBlock).flatMap(drawBox),
    ...lines.map(drawLine),
    ...entries.map(entry => drawEntry(entry, lines)),
    ...boxes.filter(({ isBlock }) => !isBlock).flatMap(drawBox),
    ...lines.flatMap(drawLineLabel),
    '</svg>',
    '',
  ].join('\n')
}

function drawStep(box: Box, node: GraphNode, work: StepWork | undefined): string {
  const { tone, icon } = kindLooks[node.kind]
  const condition = work?.if === undefined ? [] : [`if ${work.if}`]
  const told = xmlText(
    [`${node.id}: ${node.label}`, ...condition, ...(work?.description === undefined ? [] : [work.description])].join(
      '\n',
    ),
  )
  const look = `${box.isBlock ? 'frame' : 'card'}${work?.if === undefined ? '' : ' maybe'}`
  const { x, y } = box
  const role = box.isBlock ? 'graphics-object group' : 'graphics-symbol img'
  return [
    `<g class="${tone}" data-step="${xmlText(node.id)}" data-kind="${node.kind}" role="${role}" aria-label="${told}">`,
    `<title>${told}</title>`,
    `<rect class="${look}" ${rectangle(box)} rx="6"/>`,
    ...(box.isBlock
      ? []
      : [`<rect class="bar" x="${x}" y="${y + 8}" width="3" height="${box.height - 16}" rx="1.5"/>`]),
    `<path class="icon" transform="translate(${x + 12} ${y + (box.isBlock ? 11 : 16)})" d="${icon}"/>`,
    drawTexts(box, node),
    '</g>',
  ].join('')
}

function drawTexts(box: Box, node: GraphNode): string {
  const { title, label } = boxTexts(node)
  const x = box.x + sizes.textLeft
  if (box.isBlock) {
    const text = `<tspan class="title">${xmlText(title)}</tspan><tspan class="label" dx="8">${xmlText(label)}</tspan>`
    return `<text x="${x}" y="${box.y + 22.5}">${text}</text>`
  }
  return [
    `<text class="title" x="${x}" y="${box.y + 20}">${xmlText(title)}</text>`,
    `<text class="label" x="${x}" y="${box.y + 35}">${xmlText(label)}</text>`,
  ].join('')
}

function drawLine({ from, to, kind, points }: Line): string {
  return [
    `<g class="${lineLooks[kind]}" data-edge="${kind}" data-from="${xmlText(from)}" data-to="${xmlText(to)}">`,
    `<path class="line" d="${roundedPath(points)}"/>`,
    `<path class="head" d="${arrowHead(points)}"/>`,
    '</g>',
  ].join('')
}

/** A label stands on a plate that hides the line behind it. */
function drawLineLabel({ label, labelBox }: Line): string[] {
  if (label === undefined || !labelBox) return []
  const { x, y, width, height } = labelBox
  const plate = `<rect class="plate" ${rectangle(labelBox)} rx="9"/>`
  const text = `<text class="name" x="${x + width / 2}" y="${y + height - 5}" text-anchor="middle">`
  return [`<g><title>${xmlText(label)}</title>${plate}${text}${xmlText(lineText(label))}</text></g>`]
}

/** A diamond where one of several ways is taken, a ring where turns begin. */
function drawEntry({ block, x, y, width, height }: Entry, lines: readonly Line[]): string {
  const isChoice = lines.some(({ from, kind }) => from === block && kind === 'branch')
  const [middleX, middleY] = [x + width / 2, y + height / 2]
  const corners = `M${middleX} ${y}L${x + width} ${middleY}L${middleX} ${y + height}L${x} ${middleY}z`
  const shape = isChoice
    ? `<path class="mark" d="${corners}"/>`
    : `<circle class="mark" cx="${middleX}" cy="${middleY}" r="${width / 2}"/>`
  return `<g class="block">${shape}</g>`
}

function rectangle({ x, y, width, height }: { x: number; y: number; width: number; height: number }): string {
  return `x="${x}" y="${y}" width="${width}" height="${height}"`
}
