/** What a text in UTF-8 never holds: a NUL, half of a pair, or the sign that a decoder puts for bytes it cannot read. */
export const strangeCharacter = /[\0\uFFFD]|\p{Surrogate}/u
